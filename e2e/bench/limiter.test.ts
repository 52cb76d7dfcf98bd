import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inParallel } from './limiter.ts'

it('does all the work, never more of it side by side than allowed', async () => {
  const done: number[] = []
  let running = 0
  let most = 0
  const items = Array.from({ length: 20 }, (_, index) => index)
  await inParallel(items, 3, async (item) => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn < item % 4; turn += 1) await Promise.resolve()
    running -= 1
    done.push(item)
  })
  assert.deepEqual([most, done.toSorted((a, b) => a - b)], [3, items])
})

it('fails when one of the works fails', async () => {
  const work = (item: number): Promise<void> => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve())
  await assert.rejects(inParallel([1, 2, 3], 1, work), /two/)
})
