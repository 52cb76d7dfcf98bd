import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from './backoff.ts'

const LIMITS = { leastMs: 1000, mostMs: 300_000 }
const ROWS = [
  { failures: 1, random: 1, expected: 1000 },
  { failures: 1, random: 0, expected: 500 },
  { failures: 2, random: 1, expected: 2000 },
  { failures: 9, random: 1, expected: 256_000 },
  { failures: 10, random: 1, expected: 300_000 },
  { failures: 10, random: 0, expected: 150_000 },
  { failures: 10_000, random: 1, expected: 300_000 },
]

for (const { failures, random, expected } of ROWS) {
  test(`after ${failures} failures with chance ${random} the gap is ${expected} ms`, () => {
    assert.equal(backoffMs(LIMITS, failures, random), expected)
  })
}
