import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fixedSession, type Session, SessionCache } from './session-cache.ts'

const MINUTE_MS = 60_000
const never = new AbortController().signal

/** A source whose sessions live for so long, and a clock to be set. */
function stage(lifeMs = 60 * MINUTE_MS) {
  const state = { now: 0, fetched: 0, error: undefined as Error | undefined }
  const cache = new SessionCache(
    async () => {
      state.fetched += 1
      await Promise.resolve()
      if (state.error !== undefined) throw state.error
      const session = { accessKeyId: `id-${state.fetched}`, secretAccessKey: 'secret' }
      return lifeMs === Number.POSITIVE_INFINITY ? session : { ...session, expiresAt: state.now + lifeMs }
    },
    { now: () => state.now, monotonic: () => state.now },
  )
  const at = async (now: number): Promise<string> => {
    state.now = now
    const { accessKeyId } = await cache.current(never)
    // What was begun meanwhile comes to its end.
    await turn()
    return accessKeyId
  }
  return { state, cache, at }
}

test('a session is kept until five minutes before its end, and used until the next one is there', async () => {
  const { at } = stage()
  assert.deepEqual(
    [await at(0), await at(55 * MINUTE_MS - 1), await at(55 * MINUTE_MS), await at(56 * MINUTE_MS)],
    ['id-1', 'id-1', 'id-1', 'id-2'],
  )
})

test('a short session is kept for half of its life', async () => {
  const { at } = stage(4 * MINUTE_MS)
  const [half, later] = [2 * MINUTE_MS, 3 * MINUTE_MS]
  assert.deepEqual([await at(0), await at(half - 1), await at(half), await at(later)], ['id-1', 'id-1', 'id-1', 'id-2'])
})

test('a clock that is wrong by hours does not make a call of each use', async () => {
  const { at, state } = stage(-10 * 60 * MINUTE_MS)
  assert.deepEqual([await at(0), await at(29_999), state.fetched], ['id-1', 'id-1', 1])
  await at(60_000)
  assert.equal(state.fetched, 2)
})

test('a session without an end is kept', async () => {
  const { at } = stage(Number.POSITIVE_INFINITY)
  assert.deepEqual([await at(0), await at(1e12)], ['id-1', 'id-1'])
})

test('all who ask at once wait for the same one', async () => {
  const { cache, state } = stage()
  const sessions = await Promise.all([1, 2, 3].map(() => cache.current(never)))
  assert.deepEqual([state.fetched, new Set(sessions).size], [1, 1])
})

test('one who stops waiting does not stop the others', async () => {
  const { cache } = stage()
  const stop = new AbortController()
  const [one, other] = [cache.current(stop.signal), cache.current(never)]
  stop.abort(new Error('stopped'))
  await assert.rejects(one, { message: 'stopped' })
  assert.equal((await other).accessKeyId, 'id-1')
  await assert.rejects(cache.current(stop.signal), { message: 'stopped' })
})

test('a session that AWS does not take is dropped at once, and only that one', async () => {
  const { cache } = stage()
  const first = await cache.current(never)
  assert.equal(cache.drop(first), true)
  const second = await cache.current(never)
  assert.equal(second.accessKeyId, 'id-2')
  cache.drop(first)
  assert.equal(await cache.current(never), second)
})

test('a session that lives is used while no other can be had, and asked for again only after a while', async () => {
  const { at, state } = stage()
  await at(0)
  state.error = new Error('no')
  assert.equal(await at(56 * MINUTE_MS), 'id-1')
  assert.equal(await at(56 * MINUTE_MS + 4999), 'id-1')
  assert.equal(state.fetched, 2)
  assert.equal(await at(56 * MINUTE_MS + 5000), 'id-1')
  assert.equal(state.fetched, 3)
  await assert.rejects(at(60 * MINUTE_MS), { message: 'no' })
  await assert.rejects(at(60 * MINUTE_MS + 1), { message: 'no' })
  assert.equal(state.fetched, 4)
  state.error = undefined
  assert.equal(await at(61 * MINUTE_MS), 'id-5')
})

test('a dropped session is not used while no other can be had', async () => {
  const { cache, state } = stage()
  cache.drop(await cache.current(never))
  state.error = new Error('no')
  await assert.rejects(cache.current(never), { message: 'no' })
})

test('what is fetched after the end is thrown away', async () => {
  const { cache } = stage()
  const late = cache.current(never)
  cache.close()
  await assert.rejects(late)
})

test('given keys are all there is', async () => {
  const session: Session = { accessKeyId: 'id', secretAccessKey: 'secret' }
  const sessions = fixedSession(session)
  assert.equal(sessions.drop(session), false)
  assert.equal(await sessions.current(never), session)
})
