import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/condition.ts'
import { trustPair } from '../trust/transition.ts'
import type { Verdict } from './conclude.ts'
import type { TrustStep } from './decide.ts'
import { certificateRequestStatus, kubernetesCsrStatus } from './request-status.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0, 999)
const NOW_TEXT = '2026-11-23T12:00:00Z'
const EARLIER = '2026-11-22T10:00:00Z'
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

const PENDING: Verdict = { reason: 'Pending', message: 'the CA is away' }
const FAILED: Verdict = { reason: 'Failed', message: 'a new request is needed' }
const DENIED: Verdict = { reason: 'Denied', message: 'denied' }
const STEP: TrustStep = { step: 'widen', changesSet: true, pair: trustPair(A, [A, B]), since: undefined }

function issued(trust: TrustStep | undefined): Verdict {
  return { reason: 'Issued', message: 'proved', issued: { certificatePem: 'certificate\n', caPem: 'ca\n', trust } }
}

function ready(status: 'True' | 'False', { reason, message }: Verdict, time = NOW_TEXT): Condition {
  return { type: 'Ready', status, reason, message, lastTransitionTime: time }
}

function carried(reason: string, time: string): Condition {
  const message = `signer under ${A.slice(0, 12)} with roots {${A.slice(0, 12)}, ${B.slice(0, 12)}}`
  return { type: 'meshca.dev/TrustPair', status: 'True', reason, message, lastTransitionTime: time }
}

const ISSUED = { certificate: 'Y2VydGlmaWNhdGUK', ca: 'Y2EK' }
const NOTE = { pair: trustPair(A, [A]), since: Date.parse(EARLIER), issuer: 'MeshCAIssuer/a/b' }
const NOTED: Condition = {
  type: 'meshca.dev/TrustPair',
  status: 'False',
  reason: 'Carried',
  message: `signer under ${A} with roots {${A}}, issued by MeshCAIssuer/a/b`,
  lastTransitionTime: EARLIER,
}

const ROWS: readonly {
  readonly name: string
  readonly verdict: Parameters<typeof certificateRequestStatus>[0]
  readonly before?: Condition
  /** The ticket that the request has already. */
  readonly known?: string
  readonly expected: unknown
}[] = [
  { name: 'a first wait', verdict: PENDING, expected: { conditions: [ready('False', PENDING)] } },
  { name: 'the same wait again', verdict: PENDING, before: ready('False', PENDING, EARLIER), expected: undefined },
  {
    name: 'a wait for something else keeps its time',
    verdict: { ...PENDING, message: 'the CA is back, but busy' },
    before: ready('False', PENDING, EARLIER),
    expected: { conditions: [ready('False', { ...PENDING, message: 'the CA is back, but busy' }, EARLIER)] },
  },
  {
    name: 'a wait after another issuer began',
    verdict: PENDING,
    before: { type: 'Ready', status: 'Unknown', reason: 'Initializing', message: 'm', lastTransitionTime: EARLIER },
    expected: { conditions: [ready('False', PENDING)] },
  },
  {
    name: 'the words of a wait under another status are not the wait',
    verdict: PENDING,
    before: { ...ready('False', PENDING, EARLIER), status: 'Unknown' },
    expected: { conditions: [ready('False', PENDING)] },
  },
  {
    name: 'a wait without a time is given one',
    verdict: { ...PENDING, message: 'x' },
    before: { type: 'Ready', status: 'False', reason: 'Pending', message: 'y' },
    expected: { conditions: [ready('False', { ...PENDING, message: 'x' })] },
  },
  {
    name: 'W-A1: a failure, and its time with it',
    verdict: FAILED,
    expected: { conditions: [ready('False', FAILED)], failureTime: NOW_TEXT },
  },
  {
    name: 'a failure after a wait keeps the time of the status, and fails now',
    verdict: FAILED,
    before: ready('False', PENDING, EARLIER),
    expected: { conditions: [ready('False', FAILED, EARLIER)], failureTime: NOW_TEXT },
  },
  {
    name: 'a denial',
    verdict: DENIED,
    expected: { conditions: [ready('False', DENIED)], failureTime: NOW_TEXT },
  },
  {
    name: 'issued',
    verdict: issued(undefined),
    expected: { conditions: [ready('True', issued(undefined))], ...ISSUED },
  },
  {
    name: 'issued after a wait',
    verdict: issued(undefined),
    before: ready('False', PENDING, EARLIER),
    expected: { conditions: [ready('True', issued(undefined))], ...ISSUED },
  },
  {
    name: 'issued, though another wrote the same words as a wait',
    verdict: issued(undefined),
    before: ready('False', issued(undefined), EARLIER),
    expected: { conditions: [ready('True', issued(undefined))], ...ISSUED },
  },
  {
    name: 'issued with a step: carried from now on',
    verdict: issued(STEP),
    expected: { conditions: [ready('True', issued(STEP)), carried('Widened', NOW_TEXT)], ...ISSUED },
  },
  {
    name: 'issued without a step: carried as long as before',
    verdict: issued({ ...STEP, step: 'same', since: Date.parse(EARLIER) }),
    expected: { conditions: [ready('True', issued(STEP)), carried('Same', EARLIER)], ...ISSUED },
  },
  {
    name: 'a wait notes what is carried',
    verdict: { ...PENDING, carried: NOTE },
    expected: { conditions: [ready('False', PENDING), NOTED] },
  },
  {
    name: 'a failure notes it too',
    verdict: { ...FAILED, carried: NOTE },
    expected: { conditions: [ready('False', FAILED), NOTED], failureTime: NOW_TEXT },
  },
  {
    name: 'a wait for a PKI that is signing',
    verdict: { ...PENDING, ticket: 'arn:1' },
    expected: { conditions: [ready('False', PENDING), signing('arn:1')] },
  },
  {
    name: 'the same wait with the same ticket',
    verdict: { ...PENDING, ticket: 'arn:1' },
    before: ready('False', PENDING, EARLIER),
    known: 'arn:1',
    expected: undefined,
  },
  {
    name: 'the same wait with another ticket',
    verdict: { ...PENDING, ticket: 'arn:1' },
    before: ready('False', PENDING, EARLIER),
    known: 'arn:0',
    expected: { conditions: [ready('False', PENDING, EARLIER), signing('arn:1')] },
  },
  {
    name: 'what is settled needs no ticket',
    verdict: { ...FAILED, ticket: 'arn:1' },
    expected: { conditions: [ready('False', FAILED)], failureTime: NOW_TEXT },
  },
]

function signing(ticket: string): Condition {
  return {
    type: 'meshca.dev/Signing',
    status: 'True',
    reason: 'TakenByPKI',
    message: ticket,
    lastTransitionTime: NOW_TEXT,
  }
}

for (const { name, verdict, before, known, expected } of ROWS) {
  test(`status of a request: ${name}`, () => {
    assert.deepEqual(
      certificateRequestStatus(verdict, { ready: before, ...(known && { ticket: known }) }, NOW),
      expected,
    )
  })
}

const STEPS: readonly (readonly [TrustStep['step'], string])[] = [
  ['same', 'Same'],
  ['widen', 'Widened'],
  ['move-signer', 'SignerMoved'],
  ['narrow', 'Narrowed'],
  ['accepted', 'UnsafeChangeAccepted'],
]

for (const [step, reason] of STEPS) {
  test(`status of a request: the step ${step} is told as ${reason}`, () => {
    const status = certificateRequestStatus(issued({ ...STEP, step }), { ready: undefined }, NOW)
    assert.deepEqual(status?.conditions[1], carried(reason, NOW_TEXT))
  })
}

test('status of a request: the first CA of a Certificate tells of its roots by itself', () => {
  const status = certificateRequestStatus(issued({ ...STEP, step: 'first' }), { ready: undefined }, NOW)
  assert.deepEqual(
    status?.conditions.map(({ type }) => type),
    ['Ready'],
  )
})

const KUBERNETES: readonly {
  readonly name: string
  readonly verdict: Verdict & { readonly ticket?: string }
  readonly before?: string
  readonly expected: unknown
}[] = [
  { name: 'issued: the chain alone', verdict: issued(undefined), expected: { certificate: ISSUED.certificate } },
  { name: 'a wait is not written', verdict: PENDING, expected: undefined },
  { name: 'a denial is not written', verdict: DENIED, expected: undefined },
  {
    name: 'a wait for a PKI that is signing',
    verdict: { ...PENDING, ticket: 'arn:1' },
    expected: {
      conditions: [
        {
          type: 'meshca.dev/Signing',
          status: 'True',
          reason: 'TakenByPKI',
          message: 'arn:1',
          lastUpdateTime: NOW_TEXT,
          lastTransitionTime: NOW_TEXT,
        },
      ],
    },
  },
  { name: 'the same wait again', verdict: { ...PENDING, ticket: 'arn:1' }, before: 'arn:1', expected: undefined },
  {
    name: 'issued after such a wait',
    verdict: { ...issued(undefined), ticket: 'arn:1' },
    before: 'arn:1',
    expected: {
      certificate: ISSUED.certificate,
      conditions: [
        {
          type: 'meshca.dev/Signing',
          status: 'False',
          reason: 'Ended',
          message: 'arn:1',
          lastUpdateTime: NOW_TEXT,
          lastTransitionTime: NOW_TEXT,
        },
      ],
    },
  },
  {
    name: 'a failure',
    verdict: FAILED,
    expected: {
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'Failed',
          message: FAILED.message,
          lastUpdateTime: NOW_TEXT,
          lastTransitionTime: NOW_TEXT,
        },
      ],
    },
  },
]

for (const { name, verdict, before, expected } of KUBERNETES) {
  test(`status of a Kubernetes CSR: ${name}`, () =>
    assert.deepEqual(kubernetesCsrStatus(verdict, before, NOW), expected))
}
