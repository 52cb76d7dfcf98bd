import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testCa } from '../../certificates.ts'
import { refusal, serviceWorld } from './service-world.ts'
import { testAuthority } from './world.ts'

// IssueCertificate and Validity of the API reference; "Understanding certificate authority modes" of the user guide.

const ROOT = testCa({ notAfter: Date.UTC(2060, 0) })
const world = serviceWorld({ authorities: [testAuthority(ROOT)] })
const NOW = '2026-11-23T12:00:00Z'

function period(change: object, now = NOW): string {
  world.setTime(Date.parse(now))
  const { notBefore, notAfter } = world.issue({ ...change })
  return [notBefore, notAfter].map((at) => new Date(at).toISOString().replace('.000', '')).join(' – ')
}

function validity(Type: string, Value: number): object {
  return { Validity: { Type, Value } }
}

const ENDS: readonly (readonly [string, number, string])[] = [
  ['DAYS', 90, '2027-02-21T12:00:00Z'],
  ['MONTHS', 3, '2027-02-23T12:00:00Z'],
  ['YEARS', 2, '2028-11-23T12:00:00Z'],
  ['ABSOLUTE', Date.parse('2026-11-24T00:00:01Z') / 1000, '2026-11-24T00:00:01Z'],
  ['END_DATE', 261231235959, '2026-12-31T23:59:59Z'],
  ['END_DATE', 20261231235959, '2026-12-31T23:59:59Z'],
  ['END_DATE', 491231235959, '2049-12-31T23:59:59Z'],
]

describe('the end is counted from issuance, and the beginning lies an hour before it', () => {
  for (const [type, value, end] of ENDS) {
    test(`${type} ${value}`, () => {
      assert.equal(period(validity(type, value)), `2026-11-23T11:00:00Z – ${end}`)
    })
  }
})

test('ValidityNotBefore moves the beginning alone', () => {
  const start = { ValidityNotBefore: { Type: 'ABSOLUTE', Value: Date.parse('2026-11-23T11:55:00Z') / 1000 } }
  assert.equal(period({ ...validity('DAYS', 1), ...start }), '2026-11-23T11:55:00Z – 2026-11-24T12:00:00Z')
})

test('times are whole seconds, and a month that is too short ends on its last day', () => {
  assert.equal(period(validity('MONTHS', 1), '2026-01-31T12:00:00.700Z'), '2026-01-31T11:00:00Z – 2026-02-28T12:00:00Z')
})

const EXCEEDS = 'ValidationException: The certificate validity specified exceeds the certificate authority validity'
const ENDED = 'ValidationException: The certificate validity must end in the future, after it begins'
const NO_DATE = 'ValidationException: The certificate validity is no date'
const CA_END = ROOT.certificate.notAfter / 1000

const OUTCOMES: readonly (readonly [string, object, string])[] = [
  ['to the very end of the CA', validity('ABSOLUTE', CA_END), 'ok'],
  ['a second past the end of the CA', validity('ABSOLUTE', CA_END + 1), EXCEEDS],
  ['in the past', validity('ABSOLUTE', Date.parse(NOW) / 1000 - 1), ENDED],
  ['one second', validity('ABSOLUTE', Date.parse(NOW) / 1000 + 1), 'ok'],
  [
    'before it begins',
    { ...validity('DAYS', 1), ValidityNotBefore: { Type: 'ABSOLUTE', Value: Date.parse(NOW) / 1000 + 86_400 } },
    ENDED,
  ],
  ['the 31st of February', validity('END_DATE', 20270231000000), NO_DATE],
  ['a year of two digits from 50, which is 1950', validity('END_DATE', 500101000000), ENDED],
  ['a date of no such format', validity('END_DATE', 202701), NO_DATE],
  ['beyond the year 9999', validity('YEARS', 8000), NO_DATE],
  [
    'a beginning in days',
    { ...validity('DAYS', 1), ValidityNotBefore: { Type: 'DAYS', Value: 1 } },
    'ValidationException: The type of ValidityNotBefore must be ABSOLUTE',
  ],
  [
    'zero',
    validity('DAYS', 0),
    "ValidationException: 1 validation error detected: Value '0' at 'validity.value' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  ['half a day', validity('DAYS', 0.5), 'SerializationException: Value can not be converted to NUMBER_VALUE'],
  [
    'days in words',
    { Validity: { Type: 'DAYS', Value: '1' } },
    'SerializationException: Value can not be converted to NUMBER_VALUE',
  ],
  [
    'no validity',
    { Validity: undefined },
    "ValidationException: 1 validation error detected: Value null at 'validity' failed to satisfy constraint: Member must not be null",
  ],
]

describe('what a CA allows', () => {
  for (const [title, change, expected] of OUTCOMES) {
    test(title, () => {
      world.setTime(Date.parse(NOW))
      assert.equal(
        refusal(() => world.issue({ ...change })),
        expected,
      )
    })
  }
})

const SHORT: readonly (readonly [string, object, string])[] = [
  ['seven days', validity('DAYS', 7), 'ok'],
  [
    'a second more',
    validity('ABSOLUTE', Date.parse(NOW) / 1000 + 7 * 86_400 + 1),
    'ValidationException: The certificate validity specified exceeds 7 days, the most that a SHORT_LIVED_CERTIFICATE certificate authority issues',
  ],
]

describe('what a short-lived CA allows', () => {
  const short = serviceWorld({ authorities: [testAuthority(ROOT, [], { usageMode: 'SHORT_LIVED_CERTIFICATE' })] })
  for (const [title, change, expected] of SHORT) {
    test(title, () => {
      assert.equal(
        refusal(() => short.issue({ ...change })),
        expected,
      )
    })
  }
})
