import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DurationError, formatDuration, parseDuration } from './duration.ts'

const READS: readonly (readonly [text: string, milliseconds: number])[] = [
  ['0', 0],
  ['-0', 0],
  ['0s', 0],
  ['2160h', 7_776_000_000],
  ['2160h0m0s', 7_776_000_000],
  ['1h30m', 5_400_000],
  ['1m1h', 3_660_000],
  ['90m', 5_400_000],
  ['1.5s', 1500],
  ['1.001s', 1001],
  ['.5m', 30_000],
  ['5.s', 5000],
  ['+7s', 7000],
  ['-1.5h', -5_400_000],
  ['999us', 0],
  ['-999us', 0],
  ['1000µs', 1],
  ['1000μs', 1],
  ['1999999ns', 1],
  ['0.3333333333333333333h', 1_199_999],
  ['2562047h47m16.854775807s', 9_223_372_036_854],
]

const REFUSALS: readonly string[] = [
  '',
  ' ',
  '-',
  '+',
  '.',
  '.s',
  's',
  '1',
  '90',
  '1d',
  '1 h',
  ' 1h',
  '1h ',
  '1H',
  '--1h',
  '1h-1m',
  '1e3s',
  '1,5s',
  '１h',
  'h1',
  '1h30',
  'NaNs',
]

describe('a duration', () => {
  for (const [text, milliseconds] of READS) {
    test(`reads ${text}`, () => assert.equal(parseDuration(text), milliseconds))
  }

  for (const text of REFUSALS) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      const message = `"${text}" is not a duration: write a number and a unit (h, m, s), such as 2160h or 90m.`
      assert.throws(() => parseDuration(text), new DurationError(message))
    })
  }

  test('refuses more than 64 bits of nanoseconds, as Go does', () => {
    const message = '"2562047h47m16.854775808s" is longer than 292 years: write a shorter duration.'
    assert.throws(() => parseDuration('2562047h47m16.854775808s'), new DurationError(message))
  })

  test('shows no more than the beginning of a long text', () => {
    assert.throws(
      () => parseDuration('x'.repeat(1000)),
      (error: Error) => error.message.startsWith(`"${'x'.repeat(40)}…"`),
    )
  })

  test('reads what it has written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }), (milliseconds) => {
        assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds)
      }),
    )
  })

  test('adds its terms in any order', () => {
    const units = fc.constantFrom('h', 'm', 's', 'ms')
    const terms = fc.array(fc.tuple(fc.nat(10_000), units), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(terms, (list) => {
        const texts = list.map(([count, unit]) => `${count}${unit}`)
        const sum = texts.map(parseDuration).reduce((total, term) => total + term, 0)
        assert.equal(parseDuration(texts.join('')), sum)
      }),
    )
  })

  test('is read or refused, never anything else', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.+-hmsnuµ ') }))
    fc.assert(
      fc.property(text, (candidate) => {
        try {
          assert.ok(Number.isSafeInteger(parseDuration(candidate)))
        } catch (error) {
          assert.ok(error instanceof DurationError)
        }
      }),
      { numRuns: 1000 },
    )
  })

  for (const [milliseconds, text] of [
    [0, '0s'],
    [20, '20ms'],
    [1500, '1.5s'],
    [60_000, '1m0s'],
    [7_776_000_000, '2160h0m0s'],
    [-90_000, '-1m30s'],
  ] as const) {
    test(`writes ${text}`, () => assert.equal(formatDuration(milliseconds), text))
  }
})
