import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualTime } from '../testing/fakes/apiserver/virtual-time.ts'
import { WorkQueue } from './queue.ts'

test('what waits after a failure can be hurried, once, and its gaps begin anew; what waits for its time cannot', async () => {
  const time = new VirtualTime()
  const gaps: number[] = []
  const after = (ms: number, act: () => void): (() => void) => {
    gaps.push(ms)
    return time.after(ms, act)
  }
  const queue = new WorkQueue({ now: time.now, after, random: () => 1 })
  const taken: string[] = []
  const stop = new AbortController()
  const worker = (async () => {
    for (let key = await queue.take(stop.signal); key !== undefined; key = await queue.take(stop.signal)) {
      taken.push(key)
      queue.done(key)
    }
  })()
  for (let failure = 0; failure < 3; failure++) queue.retry('failed')
  queue.addAfter('timed', 60_000)
  queue.hurry()
  queue.hurry()
  queue.retry('failed')
  stop.abort()
  await worker
  assert.deepEqual(taken, ['failed'])
  assert.equal(gaps[0], gaps.at(-1))
  queue.stop()
})
