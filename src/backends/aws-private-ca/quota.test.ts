import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Quota, spread, turnOf } from './quota.ts'
import { quotasOf, SharedStates } from './shared.ts'

const LIMITS = { start: 10, least: 1, most: 100 }
const never = new AbortController().signal

function place(id: string): { readonly tenant: string; readonly id: string } {
  return { tenant: 'a', id }
}

function spent(): Quota {
  const quota = new Quota(LIMITS, 0)
  for (let call = 0; call < LIMITS.start; call += 1) assert.ok('turn' in quota.ask(place(`first-${call}`), 0))
  return quota
}

/** A clock that moves with each sleep. */
function clock(random = 0.5) {
  const slept: number[] = []
  let now = 0
  const services = {
    monotonic: () => now,
    random: () => random,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted()
      slept.push(ms)
      now += ms
    },
  }
  return { slept, services }
}

test('whose turn comes within a moment waits for it', async () => {
  const [quota, { slept, services }] = [spent(), clock()]
  const turn = await turnOf(quota, place('next'), { services, signal: never })
  assert.ok('number' in turn)
  assert.equal(
    turn.at,
    slept.reduce((sum, ms) => sum + ms, 0),
  )
  assert.ok(turn.at >= 100 && turn.at <= 250)
  assert.equal(quota.use(turn.at).waiting, 0)
})

test('who would wait for longer is told when to come, and keeps its place', async () => {
  const [quota, { slept, services }] = [spent(), clock()]
  for (let index = 0; index < 5; index += 1) quota.ask(place(`before-${index}`), 0)
  const told = await turnOf(quota, place('late'), { services, signal: never })
  assert.deepEqual([told, slept], [{ pollAfterMs: 470 }, []])
  assert.equal(quota.use(0).waiting, 6)
})

test('a call that was throttled comes again before those who came later', async () => {
  const quota = new Quota(LIMITS, 0)
  const first = quota.ask(place('first'), 0)
  assert.ok('turn' in first)
  quota.throttled(first.turn, 0)
  const [again, later] = [quota.ask(place('first'), 0), quota.ask(place('later'), 0)]
  assert.deepEqual(['ahead' in again && again.ahead, 'ahead' in later && later.ahead], [0, 1])
  assert.equal(quota.perSecond, 5)
})

test('who is stopped while it waits leaves the line', async () => {
  const quota = spent()
  const stop = new AbortController()
  const services = { ...clock().services, sleep: async () => stop.signal.throwIfAborted() }
  stop.abort()
  await assert.rejects(turnOf(quota, place('next'), { services, signal: stop.signal }))
  assert.equal(quota.use(0).waiting, 0)
})

test('those who were told the same do not come together', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => spread(1000, random)),
    [950, 1000, 1050],
  )
  assert.deepEqual(
    [0, 10_000_000].map((ms) => spread(ms, 0.5)),
    [20, 60_000],
  )
})

test('one quota for all who use a CA in a region', () => {
  const states = new SharedStates(() => 0)
  const one = states.of('arn', 'eu-central-1')
  assert.equal(states.of('arn', 'eu-central-1'), one)
  assert.notEqual(states.of('arn', 'eu-west-1'), one)
  assert.notEqual(states.of('other', 'eu-central-1'), one)
  assert.deepEqual(quotasOf(one, 0), [
    { operation: 'IssueCertificate', perSecond: 25, tokens: 25, waiting: 0 },
    { operation: 'GetCertificate', perSecond: 75, tokens: 75, waiting: 0 },
  ])
})

test('the use of a quota tells its rate, what is left of it, and who waits', () => {
  const quota = new Quota(LIMITS, 0)
  const first = quota.ask(place('first'), 0)
  assert.ok('turn' in first)
  assert.deepEqual(quota.use(0), { perSecond: 10, tokens: 9, waiting: 0 })
  quota.throttled(first.turn, 0)
  quota.ask(place('second'), 0)
  assert.deepEqual(quota.use(0), { perSecond: 5, tokens: 0, waiting: 2 })
  assert.deepEqual(quota.use(500), { perSecond: 5, tokens: 2.5, waiting: 2 })
  assert.deepEqual(quota.use(0), { perSecond: 5, tokens: 0, waiting: 2 }, 'to look changes nothing')
})

test('a thousand CAs are remembered, those that were opened last', () => {
  const states = new SharedStates(() => 0)
  const [first, second] = [states.of('0', 'r'), states.of('1', 'r')]
  for (let index = 2; index < 1000; index += 1) states.of(`${index}`, 'r')
  assert.equal(states.of('0', 'r'), first)
  states.of('1000', 'r')
  assert.equal(states.of('0', 'r'), first)
  assert.notEqual(states.of('1', 'r'), second)
})
