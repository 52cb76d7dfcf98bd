import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, testAuthority, testFacts, testReadiness } from '../testing/builders.ts'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { failed, TEST_SIGN, waits } from '../testing/decisions.ts'
import { decide } from './decide.ts'

const SECOND = 1000
const HOUR = 3_600_000
const START = TEST_NOW - 60 * SECOND

type Life = readonly [notBefore: number, notAfter: number]

interface Row {
  readonly name: string
  readonly duration?: string | undefined
  readonly spec?: NonNullable<FactsChange['spec']>['duration']
  readonly path?: readonly TestCertificate[]
  readonly base?: number
  readonly expected: Life | ReturnType<typeof failed>
}

function root(times: { readonly notBefore?: number; readonly notAfter?: number }): TestCertificate {
  return testCa({ subject: 'CN=Mesh Root', ...times })
}

function sub(
  above: TestCertificate,
  times: { readonly notBefore?: number; readonly notAfter?: number },
): TestCertificate {
  return testIntermediate(above, { subject: 'CN=Sub', pathLength: 1, ...times })
}

function endsFirst(subject: string, end: string, asked: string): ReturnType<typeof failed> {
  return waits(
    'AuthorityEndsFirst',
    `${subject} ends at ${end}, before a certificate of ${asked} would (2026-12-23T11:59:00Z); renew that CA, or ask for a shorter duration`,
  )
}

function notADuration(text: string): ReturnType<typeof failed> {
  return failed(
    'InvalidDuration',
    `"${text}" is not a duration: write a number and a unit (h, m, s), such as 2160h or 90m.`,
  )
}

function tooShort(text: string): ReturnType<typeof failed> {
  return failed('InvalidDuration', `the duration ${text} is not at least a second; ask for one such as 2160h`)
}

const END = START + 720 * HOUR
const ROOT = root({})
const [YOUNG, ENDING] = [root({ notBefore: TEST_NOW - 10 * SECOND }), root({ notAfter: END - SECOND })]

const ROWS: readonly Row[] = [
  { name: 'as long as was asked', duration: '720h', expected: [START, END] },
  { name: 'any spelling of Go', duration: '1h30m1.5s', expected: [START, START + 5401 * SECOND] },
  { name: 'W-A15: none asked: the standard', duration: undefined, expected: [START, START + 2160 * HOUR] },
  {
    name: 'none asked: that of the issuer',
    duration: undefined,
    spec: { default: '24h' },
    expected: [START, START + 24 * HOUR],
  },
  { name: 'the least', duration: '1h', spec: { min: '1h' }, expected: [START, START + HOUR] },
  {
    name: 'below the least',
    duration: '59m59s',
    spec: { min: '1h' },
    expected: failed('DurationTooShort', "the duration 59m59s is below the issuer's minimum of 1h"),
  },
  { name: 'the most', duration: '48h', spec: { max: '48h' }, expected: [START, START + 48 * HOUR] },
  {
    name: 'above the most, by a nanosecond less than a second',
    duration: '48h0.999999999s',
    spec: { max: '48h' },
    expected: failed('DurationTooLong', "the duration 48h0.999999999s is above the issuer's maximum of 48h"),
  },
  { name: 'nothing', duration: '0s', expected: tooShort('0s') },
  { name: 'less than nothing', duration: '-720h', expected: tooShort('-720h') },
  { name: 'less than a second', duration: '999ms', expected: tooShort('999ms') },
  { name: 'a second', duration: '1s', expected: [START, START + SECOND] },
  { name: 'a number alone', duration: '720', expected: notADuration('720') },
  { name: 'not a number', duration: 'NaN', expected: notADuration('NaN') },
  { name: 'empty', duration: '', expected: notADuration('') },
  {
    name: 'the moment of the approval',
    base: TEST_NOW - 600 * SECOND,
    expected: [START - 600 * SECOND, END - 600 * SECOND],
  },
  { name: 'not before the root', path: [YOUNG], expected: [TEST_NOW - 10 * SECOND, END + 50 * SECOND] },
  {
    name: 'not before the signer',
    path: [sub(ROOT, { notBefore: TEST_NOW, notAfter: END + HOUR }), ROOT],
    expected: [TEST_NOW, END + 60 * SECOND],
  },
  { name: 'up to the last second of the root', path: [root({ notAfter: END })], expected: [START, END] },
  { name: 'beyond the root', path: [ENDING], expected: endsFirst('CN=Mesh Root', '2026-12-23T11:58:59Z', '720h') },
  {
    name: 'beyond the signer',
    path: [sub(ROOT, { notAfter: END - HOUR }), ROOT],
    expected: endsFirst('CN=Sub', '2026-12-23T10:59:00Z', '720h'),
  },
  {
    name: 'beyond both, which end at once: the nearer is named',
    path: [sub(ENDING, { notAfter: END - SECOND }), ENDING],
    expected: endsFirst('CN=Sub', '2026-12-23T11:58:59Z', '720h'),
  },
  {
    name: 'beyond the root, which ends before the signer does',
    path: [sub(ENDING, { notAfter: END + HOUR }), ENDING],
    expected: endsFirst('CN=Mesh Root', '2026-12-23T11:58:59Z', '720h'),
  },
]

for (const { name, spec, path = [ROOT], base = TEST_NOW, expected, ...row } of ROWS) {
  test(`lifetime: ${name}`, () => {
    const request = 'duration' in row ? { duration: row.duration } : {}
    const readiness = testReadiness(testAuthority(...path))
    const decision = decide(
      testFacts({ request, spec: { profile: 'Any', duration: spec }, issuer: { readiness }, facts: { base } }),
    )
    if (!('do' in expected)) {
      assert.ok(decision.do === 'sign')
      const [notBefore, notAfter] = expected
      assert.deepEqual(decision.request, { ...TEST_SIGN.request, notBefore, notAfter })
      assert.equal(decision.base, base)
    } else assert.deepEqual(decision, expected)
  })
}

test('lifetime: a duration of a million digits is refused without delay, and in few words', () => {
  const decision = decide(testFacts({ request: { duration: `${'9'.repeat(250_000)}h` } }))
  assert.ok(decision.do === 'fail')
  assert.equal(decision.code, 'InvalidDuration')
  assert.ok(decision.message.length < 200)
})
