import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualTime } from '../testing/fakes/apiserver/virtual-time.ts'
import { pause, unlessAborted, within } from './timers.ts'

test('a pause lasts as long as asked', async () => {
  const time = new VirtualTime()
  const ends: number[] = []
  void pause(time.after, 1000, new AbortController().signal).then(() => ends.push(time.now()))
  await time.advance(999)
  assert.deepEqual(ends, [])
  await time.advance(1)
  assert.deepEqual(ends, [1000])
})

test('a pause ends with its signal and takes its timer back', async () => {
  const time = new VirtualTime()
  const stop = new AbortController()
  const paused = pause(time.after, 1000, stop.signal)
  stop.abort()
  await paused
  await pause(time.after, 1000, stop.signal)
  assert.equal(time.pending, 0)
})

const DEADLINES = [
  { name: 'its time', cause: (time: VirtualTime) => time.advance(50), aborted: true },
  { name: 'the outer signal', cause: (_: VirtualTime, outer: AbortController) => outer.abort(), aborted: true },
  { name: 'nothing before its time', cause: (time: VirtualTime) => time.advance(49), aborted: false },
]

for (const { name, cause, aborted } of DEADLINES) {
  test(`a deadline is met by ${name}`, async () => {
    const [time, outer, done] = [new VirtualTime(), new AbortController(), Promise.withResolvers<void>()]
    const result = within({ after: time.after, ms: 50, outer: outer.signal }, async (signal) => {
      await done.promise
      return signal.aborted
    })
    await cause(time, outer)
    done.resolve()
    assert.equal(await result, aborted)
    assert.equal(time.pending, 0)
  })
}

test('a deadline under an aborted signal has passed already', async () => {
  const time = new VirtualTime()
  const act = async (signal: AbortSignal): Promise<boolean> => signal.aborted
  assert.equal(await within({ after: time.after, ms: 50, outer: AbortSignal.abort() }, act), true)
})

test('what is shared is waited for until the signal aborts', async () => {
  const stop = new AbortController()
  assert.equal(await unlessAborted(Promise.resolve(1), stop.signal), 1)
  await assert.rejects(unlessAborted(Promise.reject(new Error('broken')), stop.signal), { message: 'broken' })
  const given = unlessAborted(new Promise(() => undefined), stop.signal)
  stop.abort(new Error('over'))
  await assert.rejects(given, { message: 'over' })
  await assert.rejects(unlessAborted(new Promise(() => undefined), stop.signal), { message: 'over' })
})
