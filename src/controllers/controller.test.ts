import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkQueue } from '../cluster/queue.ts'
import { type Again, runWorkers } from './controller.ts'

interface Bench {
  readonly queue: WorkQueue
  /** Gaps of timers that were set. */
  readonly gaps: readonly number[]
  /** Lets every timer that is set run out. */
  readonly pass: () => void
}

function bench(): Bench {
  const gaps: number[] = []
  const due = new Set<() => void>()
  const after = (ms: number, act: () => void): (() => void) => {
    gaps.push(ms)
    const once = (): void => {
      due.delete(once)
      act()
    }
    due.add(once)
    return () => due.delete(once)
  }
  const pass = (): void => {
    for (const act of [...due]) act()
  }
  return { queue: new WorkQueue({ now: () => 0, after, random: () => 1 }), gaps, pass }
}

/** Runs until `handle` has been called as often as there are answers. */
async function run(queue: WorkQueue, answers: readonly (() => Promise<Again>)[], count = 1) {
  const stop = new AbortController()
  const handled: string[] = []
  const failures: unknown[] = []
  const rest = [...answers]
  const workers = runWorkers(
    {
      queue,
      count,
      handle: async (key) => {
        handled.push(key)
        const answer = rest.shift()
        if (rest.length === 0) stop.abort()
        return (await answer?.()) ?? 'when-changed'
      },
      failed: (key, error) => failures.push([key, error]),
    },
    stop.signal,
  )
  await workers
  return { handled, failures }
}

const done = async (): Promise<Again> => 'when-changed'

test('keys are handled in turn, each once', async () => {
  const { queue, gaps } = bench()
  for (const key of ['a', 'b', 'a']) queue.add(key)
  const { handled } = await run(queue, [done, done])
  assert.deepEqual(handled, ['a', 'b'])
  assert.deepEqual(gaps, [])
})

test('a key that says when comes again then', async () => {
  const { queue, gaps, pass } = bench()
  queue.add('a')
  await run(queue, [async () => ({ afterMs: 7000 })])
  assert.deepEqual(gaps, [7000])
  assert.equal(queue.depth, 0)
  pass()
  assert.equal(queue.depth, 1)
})

test('a key with backoff comes again with growing gaps, until it is done', async () => {
  const { queue, gaps, pass } = bench()
  for (const answer of ['with-backoff', 'with-backoff', 'when-changed', 'with-backoff'] as const) {
    queue.add('a')
    await run(queue, [async () => answer])
    pass()
  }
  assert.deepEqual(gaps, [1000, 2000, 1000])
})

test('an attempt that throws is told and comes again with growing gaps', async () => {
  const { queue, gaps } = bench()
  const fault = new Error('x')
  queue.add('a')
  const { failures } = await run(queue, [() => Promise.reject(fault)])
  // It was the last turn, so the stop is why it failed and nobody is told.
  assert.deepEqual(failures, [])
  queue.add('b')
  queue.add('c')
  const more = await run(queue, [() => Promise.reject(fault), done])
  assert.deepEqual(more.failures, [['b', fault]])
  assert.deepEqual(gaps.length, 2)
})

test('a key added while it is handled is handled once more', async () => {
  const { queue } = bench()
  queue.add('a')
  const again = async (): Promise<Again> => {
    queue.add('a')
    queue.add('a')
    return 'when-changed'
  }
  assert.deepEqual((await run(queue, [again, done])).handled, ['a', 'a'])
})

test('no two workers hold one key, and other keys go on', async () => {
  const { queue } = bench()
  const gate = Promise.withResolvers<Again>()
  queue.add('slow')
  queue.add('b')
  const handled = run(queue, [() => gate.promise, done, done], 2)
  queue.add('slow')
  queue.add('c')
  await new Promise((resolve) => setImmediate(resolve))
  gate.resolve('when-changed')
  assert.deepEqual((await handled).handled.sort(), ['b', 'c', 'slow'])
})

test('workers end when told to, each after the key it holds', async () => {
  const { queue } = bench()
  const stop = new AbortController()
  const gate = Promise.withResolvers<Again>()
  let ended = false
  queue.add('a')
  const workers = runWorkers(
    { queue, count: 3, handle: () => gate.promise, failed: () => undefined },
    stop.signal,
  ).then(() => {
    ended = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ended, false)
  gate.resolve('when-changed')
  await workers
  assert.equal(ended, true)
})
