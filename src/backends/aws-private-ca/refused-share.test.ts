import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefusedShare } from './refused-share.ts'

function of(...answers: readonly (readonly [count: number, refused: boolean])[]): number | undefined {
  const share = new RefusedShare()
  for (const [count, refused] of answers) for (let turn = 0; turn < count; turn += 1) share.add(refused)
  return share.value
}

test('a few answers say nothing', () => {
  assert.equal(of(), undefined)
  assert.equal(of([14, true]), undefined)
})

test('fifteen do', () => {
  assert.equal(of([10, false], [5, true]), 1 / 3)
  assert.equal(of([15, true]), 1)
})

test('the latest count for more than those before them', () => {
  const [calm, stormy] = [of([1000, true], [30, false]) ?? 1, of([1000, false], [30, true]) ?? 0]
  assert.ok(calm < 0.4 && stormy > 0.6, `${calm} ${stormy}`)
})
