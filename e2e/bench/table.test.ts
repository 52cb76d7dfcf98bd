import assert from 'node:assert/strict'
import { it } from 'node:test'
import { atLeast, atMost, markdownTable } from './table.ts'

it('sets goals beside figures', () => {
  const rows = [
    { what: 'a', value: '1', goal: atLeast(0.8, 0.9) },
    { what: 'bb', value: '22 s', goal: atMost(1, 22, 's') },
    { what: 'c', value: '3' },
  ]
  assert.equal(
    markdownTable(rows),
    [
      '| figure | measured | goal                    |',
      '| ------ | -------- | ----------------------- |',
      '| a      | 1        | at least 0.8: met       |',
      '| bb     | 22 s     | at most 1 s: **missed** |',
      '| c      | 3        |                         |',
    ].join('\n'),
  )
})

it('meets a goal exactly', () => {
  assert.deepEqual([atLeast(0.8, 0.8).met, atMost(1, 1, 's').met], [true, true])
})

it('does not meet a goal with a figure that is missing', () => {
  assert.deepEqual([atLeast(0.8, NaN).met, atMost(1, NaN, 's').met], [false, false])
})
