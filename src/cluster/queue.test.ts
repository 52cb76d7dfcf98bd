import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualTime } from '../testing/fakes/apiserver/virtual-time.ts'
import { WorkQueue } from './queue.ts'

interface Setting {
  readonly queue: WorkQueue
  readonly time: VirtualTime
  readonly stop: AbortController
  /** Takes a key, or tells that there is none now. */
  readonly take: () => Promise<string>
}

function setting(): Setting {
  const [time, stop] = [new VirtualTime(), new AbortController()]
  const queue = new WorkQueue({ now: time.now, after: time.after, random: () => 1 })
  const take = async (): Promise<string> => {
    const nothing = new AbortController()
    const taken = queue.take(nothing.signal)
    nothing.abort()
    return (await taken) ?? 'none'
  }
  return { queue, time, stop, take }
}

test('keys come in the order of their adding, each once', async () => {
  const { queue, take } = setting()
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
  assert.equal(queue.depth, 3)
  assert.deepEqual([await take(), await take(), await take(), await take()], ['a', 'b', 'c', 'none'])
})

test('a key that is worked on waits for its turn to end', async () => {
  const { queue, take } = setting()
  queue.add('a')
  assert.equal(await take(), 'a')
  queue.add('a')
  queue.add('a')
  assert.equal(await take(), 'none')
  assert.equal(queue.depth, 1)
  queue.done('a')
  assert.deepEqual([await take(), await take()], ['a', 'none'])
})

test('those who wait are served in their order, and not after their signal', async () => {
  const { queue, stop } = setting()
  const gone = new AbortController()
  const taken = [queue.take(stop.signal), queue.take(gone.signal), queue.take(stop.signal)]
  gone.abort()
  queue.add('a')
  queue.add('b')
  assert.deepEqual(await Promise.all(taken), ['a', undefined, 'b'])
  queue.add('c')
  assert.equal(await queue.take(gone.signal), undefined)
  assert.equal(await queue.take(stop.signal), 'c')
})

test('of several later times the earliest counts', async () => {
  const { queue, time, take } = setting()
  queue.addAfter('a', 300)
  queue.addAfter('a', 100)
  queue.addAfter('a', 200)
  time.advanceNow(99)
  assert.equal(await take(), 'none')
  time.advanceNow(1)
  assert.equal(await take(), 'a')
  queue.done('a')
  time.advanceNow(1000)
  assert.equal(await take(), 'none')
})

for (const [ms, due] of [
  [-5, 0],
  [0, 0],
  [2 ** 40, 86_400_000],
] as const) {
  test(`a key added for in ${ms} ms comes after ${due}`, async () => {
    const { queue, time, take } = setting()
    queue.addAfter('a', ms)
    if (due > 0) time.advanceNow(due - 1)
    assert.equal(await take(), 'none')
    time.advanceNow(due === 0 ? 0 : 1)
    assert.equal(await take(), 'a')
  })
}

test('gaps after failures double up to five minutes, each key for itself, until it fares well', async () => {
  const { queue, time, take } = setting()
  const gap = async (): Promise<number> => {
    const from = time.now()
    queue.retry('a')
    for (;;) {
      time.advanceNow(500)
      if ((await take()) === 'a') break
    }
    queue.done('a')
    return time.now() - from
  }
  const gaps = []
  for (let i = 0; i < 10; i++) gaps.push(await gap())
  assert.deepEqual(gaps, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000])
  queue.retry('b')
  time.advanceNow(1000)
  assert.equal(await take(), 'b')
  queue.forget('a')
  assert.equal(await gap(), 1000)
})

test('stopping lets go of what waits and leaves no timer; nothing is taken in before the next start', async () => {
  const { queue, time, take } = setting()
  queue.addAfter('a', 100)
  queue.retry('b')
  queue.add('c')
  queue.stop()
  queue.add('d')
  queue.addAfter('e', 100)
  assert.deepEqual([time.pending, queue.depth], [0, 0])
  queue.start()
  queue.addAfter('f', 100)
  time.advanceNow(100)
  assert.deepEqual([await take(), await take()], ['f', 'none'])
})
