import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countWords, dayWords, instantWords, spanWords, whenWords } from './words.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

const SPANS: readonly (readonly [ms: number, words: string])[] = [
  [0, '0 seconds'],
  [999, '0 seconds'],
  [SECOND, '1 second'],
  [2 * MINUTE - 1, '119 seconds'],
  [2 * MINUTE, '2 minutes'],
  [2 * HOUR - 1, '119 minutes'],
  [2 * HOUR, '2 hours'],
  [2 * DAY - 1, '47 hours'],
  [2 * DAY, '2 days'],
  [730 * DAY - 1, '729 days'],
  [730 * DAY, '2 years'],
  [-3 * DAY, '3 days'],
]

for (const [ms, words] of SPANS) test(`${ms} ms are ${words}`, () => assert.equal(spanWords(ms), words))

test('instants lie ahead or behind', () => {
  assert.equal(whenWords(3 * DAY, 0), 'in 3 days')
  assert.equal(whenWords(0, 3 * DAY), '3 days ago')
  assert.equal(whenWords(5, 5), '0 seconds ago')
  assert.equal(instantWords(Date.UTC(2026, 10, 23, 12, 0, 59)), '2026-11-23 12:00 UTC')
  assert.equal(dayWords(Date.UTC(2026, 10, 23, 23, 59, 59)), '2026-11-23')
  assert.equal(countWords(1, 'issuer'), '1 issuer')
  assert.equal(countWords(0, 'issuer'), '0 issuers')
})
