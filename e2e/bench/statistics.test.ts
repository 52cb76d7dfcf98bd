import assert from 'node:assert/strict'
import { it } from 'node:test'
import { median, percentile } from './statistics.ts'

it('finds the median', () => {
  assert.deepEqual(
    [[3, 1, 2], [4, 1, 3, 2], [7], []].map((values) => median(values)),
    [2, 2.5, 7, NaN],
  )
})

it('finds percentiles by the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  assert.deepEqual(
    [0, 50, 99, 100].map((percent) => percentile(hundred, percent)),
    [1, 50, 99, 100],
  )
  assert.deepEqual([percentile([5], 99), percentile([], 50)], [5, NaN])
})
