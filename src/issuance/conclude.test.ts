import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SigningError } from '../backends/backend.ts'
import { trustPair } from '../trust/transition.ts'
import { type Conclusion, conclude, type Outcome } from './conclude.ts'
import type { TrustStep } from './decide.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function waiting(code: string, message: string, rest: Partial<Conclusion> = {}): Conclusion {
  return {
    verdict: { reason: 'Pending', message },
    again: 'when-changed',
    recheckIssuer: false,
    events: [{ type: 'Warning', reason: code, note: message }],
    ...rest,
  }
}

function settled(reason: 'Failed' | 'Denied', code: string, message: string): Conclusion {
  return {
    verdict: { reason, message },
    again: 'when-changed',
    recheckIssuer: false,
    events: [{ type: 'Warning', reason: code, note: message }],
  }
}

function refused(what: 'fail' | 'wait', waitMs?: number): Outcome {
  return { kind: 'refused', refused: { do: what, code: 'SomeCode', message: 'some words', waitMs } }
}

function error(...args: ConstructorParameters<typeof SigningError>): Outcome {
  return { kind: 'error', error: new SigningError(...args) }
}

function step(name: TrustStep['step'], changesSet: boolean): TrustStep {
  return { step: name, changesSet, pair: trustPair('A', ['A']), since: undefined }
}

function issued(trust: TrustStep | undefined): Outcome {
  return { kind: 'issued', certificatePem: 'certificate', caPem: 'ca', trust }
}

const SIGNED = { type: 'Normal', reason: 'Issued', note: 'the certificate is signed and proved' } as const
const SET_CHANGED = {
  type: 'Warning',
  reason: 'TrustSetChanged',
  note: 'ca.crt changes with this certificate: istiod needs ISTIO_MULTIROOT_MESH or a restart, and drops renewals until then',
} as const

function concluded(trust: TrustStep | undefined, ...events: Conclusion['events']): Conclusion {
  const { note: message } = SIGNED
  return {
    verdict: { reason: 'Issued', message, issued: { certificatePem: 'certificate', caPem: 'ca', trust } },
    again: 'when-changed',
    recheckIssuer: false,
    events: [SIGNED, ...events],
  }
}

const ROWS: readonly { readonly name: string; readonly outcome: Outcome; readonly expected: Conclusion }[] = [
  { name: 'only a new request helps', outcome: refused('fail'), expected: settled('Failed', 'SomeCode', 'some words') },
  { name: 'somebody can mend it', outcome: refused('wait'), expected: waiting('SomeCode', 'some words') },
  {
    name: 'time mends it',
    outcome: refused('wait', HOUR),
    expected: waiting('SomeCode', 'some words', { again: { afterMs: HOUR } }),
  },
  {
    name: 'a long time mends it: longer than a timer runs',
    outcome: refused('wait', 30 * DAY),
    expected: waiting('SomeCode', 'some words', { again: { afterMs: DAY } }),
  },
  {
    name: 'denied',
    outcome: { kind: 'denied' },
    expected: settled('Denied', 'Denied', 'an approver denied the request, so it will never be signed'),
  },
  {
    name: 'the PKI is at it, for no longer than is usual: nothing is written',
    outcome: { kind: 'pending', ticket: { value: 'arn', polls: 3 }, pollAfterMs: 300 },
    expected: { verdict: undefined, again: { afterMs: 300 }, recheckIssuer: false, events: [] },
  },
  {
    name: 'the PKI is at it for long',
    outcome: { kind: 'pending', ticket: { value: 'arn', polls: 4 }, pollAfterMs: 300 },
    expected: waiting('', 'the PKI has taken the request and is signing it', { again: { afterMs: 300 }, events: [] }),
  },
  {
    name: "a short wait for the PKI's quota",
    outcome: { kind: 'pending', ticket: undefined, pollAfterMs: 4999 },
    expected: { verdict: undefined, again: { afterMs: 4999 }, recheckIssuer: false, events: [] },
  },
  {
    name: "a long wait for the PKI's quota",
    outcome: { kind: 'pending', ticket: undefined, pollAfterMs: 5000 },
    expected: waiting('', "the PKI's quota is used up for the moment; the request is in line", {
      again: { afterMs: 5000 },
      events: [],
    }),
  },
  {
    name: 'a poll in a year',
    outcome: { kind: 'pending', ticket: { value: 'arn', polls: 1 }, pollAfterMs: 365 * DAY },
    expected: { verdict: undefined, again: { afterMs: DAY }, recheckIssuer: false, events: [] },
  },
  {
    name: 'an error that time mends',
    outcome: error('retry', 'too-many-requests', 'the PKI is busy'),
    expected: waiting('TooManyRequests', 'the PKI is busy', { again: 'with-backoff' }),
  },
  {
    name: 'an error that says when',
    outcome: error('retry', 'busy', 'the PKI is busy', { retryAfterMs: 7000 }),
    expected: waiting('Busy', 'the PKI is busy', { again: { afterMs: 7000 } }),
  },
  {
    name: 'an error that says at once: no loop without a pause',
    outcome: error('retry', 'busy', 'the PKI is busy', { retryAfterMs: 0 }),
    expected: waiting('Busy', 'the PKI is busy', { again: { afterMs: 1000 } }),
  },
  {
    name: 'an error that says in a year',
    outcome: error('retry', 'busy', 'the PKI is busy', { retryAfterMs: 365 * DAY }),
    expected: waiting('Busy', 'the PKI is busy', { again: { afterMs: DAY } }),
  },
  {
    name: 'an error of the issuer',
    outcome: error('recheck-issuer', 'authority-ends-first', 'renew the CA'),
    expected: waiting('AuthorityEndsFirst', 'renew the CA', { again: 'with-backoff', recheckIssuer: true }),
  },
  {
    name: 'an error that only a new request mends',
    outcome: error('give-up', 'malformed-csr', 'the PKI cannot read the CSR'),
    expected: settled('Failed', 'MalformedCsr', 'the PKI cannot read the CSR'),
  },
  {
    name: 'an answer that is not what was asked',
    outcome: { kind: 'unproved', code: 'AnswerKeyDiffers', message: 'it is not' },
    expected: waiting('AnswerKeyDiffers', 'it is not', { again: 'with-backoff', recheckIssuer: true }),
  },
  {
    name: 'an answer below which nothing would work',
    outcome: { kind: 'unproved', code: 'path-length', message: 'too deep' },
    expected: waiting('PathLength', 'too deep', { again: 'with-backoff', recheckIssuer: true }),
  },
  { name: 'issued without a trust step', outcome: issued(undefined), expected: concluded(undefined) },
  { name: 'issued, the same pair', outcome: issued(step('same', false)), expected: concluded(step('same', false)) },
  {
    name: 'issued, a wider set',
    outcome: issued(step('widen', true)),
    expected: concluded(step('widen', true), SET_CHANGED),
  },
  {
    name: 'issued, a changed set that was accepted',
    outcome: issued(step('accepted', true)),
    expected: concluded(step('accepted', true), SET_CHANGED),
  },
  {
    name: 'issued, another signer that was accepted early',
    outcome: issued(step('accepted', false)),
    expected: concluded(step('accepted', false)),
  },
  {
    name: 'words on several lines become one',
    outcome: { kind: 'unproved', code: 'X', message: ' a\n\tb\r\n  c\u2028d ' },
    expected: waiting('X', 'a b c d', { again: 'with-backoff', recheckIssuer: true }),
  },
]

for (const { name, outcome, expected } of ROWS) {
  test(`conclusion: ${name}`, () => assert.deepEqual(conclude(outcome), expected))
}

test('whatever the words, they are one well-formed line that an event can hold', () => {
  const words = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.repeat(40)),
    fc
      .tuple(fc.nat(8), fc.constantFrom('😀', 'é', '\ud83d', '中'))
      .map(([pad, one]) => 'x'.repeat(pad) + one.repeat(600)),
  )
  fc.assert(
    fc.property(words, (message) => {
      const { verdict, events } = conclude({ kind: 'unproved', code: 'X', message })
      assert.ok(verdict)
      assert.ok(Buffer.byteLength(verdict.message) <= 1000)
      assert.ok(verdict.message.isWellFormed())
      assert.doesNotMatch(verdict.message, /[\n\r\u2028\u2029]/)
      assert.equal(events[0]?.note, verdict.message)
      assert.equal(JSON.parse(JSON.stringify(verdict.message)), Buffer.from(verdict.message).toString())
    }),
    { numRuns: 40 },
  )
})

test('long words are cut and say so', () => {
  const { verdict } = conclude({ kind: 'unproved', code: 'X', message: 'é'.repeat(2000) })
  assert.equal(verdict?.message, `${'é'.repeat(498)}…`)
})

test('words that just fit are not cut', () => {
  const { verdict } = conclude({ kind: 'unproved', code: 'X', message: 'x'.repeat(1000) })
  assert.equal(verdict?.message, 'x'.repeat(1000))
})
