import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AdaptiveRate } from './rate.ts'

const LIMITS = { start: 25, least: 1, most: 100 }

/** Uses all there is at once, as if each call were answered at once. */
function drain(rate: AdaptiveRate, now: number): number {
  let calls = 0
  while (rate.tokens(now) >= 1) {
    rate.take(now)
    calls += 1
  }
  return calls
}

test('begins with one second of calls at once, and fills evenly', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  assert.equal(drain(rate, 0), 25)
  assert.equal(drain(rate, 39), 0)
  assert.equal(drain(rate, 40), 1)
  assert.equal(drain(rate, 1040), 25)
  assert.equal(drain(rate, 100_000), 25, 'no more than a second is saved up')
})

test('a clock that stands still or goes back gives nothing', () => {
  const rate = new AdaptiveRate(LIMITS, 1000)
  drain(rate, 1000)
  assert.equal(drain(rate, 0), 0)
  assert.equal(drain(rate, 1000), 0)
})

test('grows with each call that is taken as long as nothing is throttled, up to the most', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  for (let call = 0; call < 75; call += 1) {
    drain(rate, 0)
    rate.accepted(0)
  }
  assert.equal(rate.perSecond, 100)
  rate.accepted(0)
  assert.equal(rate.perSecond, 100)
})

test('does not grow where it is not used to the full', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  rate.take(0)
  rate.accepted(0)
  assert.equal(rate.perSecond, 25)
})

test('halves once for all calls that were under way together', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  rate.throttled(0, 60)
  assert.equal(rate.perSecond, 12.5)
  rate.throttled(0, 61)
  rate.throttled(1059, 1100)
  assert.equal(rate.perSecond, 12.5)
})

/** So many answers, of which this share are throttles; a second apart, so that each may count. */
function answered(rate: AdaptiveRate, count: number, share: number): void {
  for (let turn = 0; turn < count; turn += 1) {
    const now = (turn + 1) * 1000
    drain(rate, now)
    if (Math.floor((turn + 1) * share) > Math.floor(turn * share)) rate.throttled(now, now)
    else rate.accepted(now)
  }
}

test('does not fall below its start for throttles that come however slow it is', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  answered(rate, 100, 0.5)
  assert.ok(rate.perSecond >= LIMITS.start / 2, `${rate.perSecond}`)
})

test('falls to what was taken where most calls are throttled, down to the least', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  for (let turn = 0; turn < 3; turn += 1) rate.accepted(0)
  for (let turn = 0; turn < 11; turn += 1) rate.throttled(0, 0)
  assert.equal(rate.perSecond, 12.5, 'too few to tell')
  rate.throttled(1000, 1000)
  assert.equal(rate.perSecond.toFixed(3), '2.500', 'three of fifteen')
  answered(rate, 100, 1)
  assert.equal(rate.perSecond, LIMITS.least)
})

test('what is throttled has used up what there was', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  rate.throttled(0, 0)
  assert.equal(rate.tokens(0), 0)
})

test('wins back half of its start in each second after a cut', () => {
  const rate = new AdaptiveRate(LIMITS, 0)
  rate.throttled(0, 0)
  let calls = 0
  for (let now = 0; now <= 2000; now += 10) {
    for (let left = drain(rate, now); left > 0; left -= 1) {
      rate.accepted(now)
      calls += 1
    }
  }
  assert.ok(rate.perSecond > 35 && rate.perSecond < 38, `${rate.perSecond}`)
  assert.ok(calls > 45 && calls < 55, `${calls}`)
})

const WAITS: readonly { readonly name: string; readonly cut: boolean; readonly tokens: number; readonly ms: number }[] =
  [
    { name: 'what is there', cut: false, tokens: 0, ms: 0 },
    { name: 'growing without a cut', cut: false, tokens: 25, ms: 693 },
    { name: 'growing after a cut', cut: true, tokens: 25, ms: 1236 },
  ]

for (const { name, cut, tokens, ms } of WAITS) {
  test(`the wait for tokens: ${name}`, () => {
    const rate = new AdaptiveRate(LIMITS, 0)
    drain(rate, 0)
    if (cut) rate.throttled(0, 0)
    assert.equal(Math.round(rate.waitMs(tokens, 0)), ms)
  })
}

test('the wait at the most that there may be', () => {
  const rate = new AdaptiveRate({ start: 25, least: 1, most: 25 }, 0)
  drain(rate, 0)
  assert.equal(rate.waitMs(50, 0), 2000)
})

type Step = { readonly ms: number; readonly outcome: 'accepted' | 'throttled' }
const steps = fc.array(
  fc.record({ ms: fc.nat(500), outcome: fc.constantFrom<Step['outcome']>('accepted', 'accepted', 'throttled') }),
  { maxLength: 200 },
)

test('never gives more than a second at its start plus what its rates allow, and stays within its bounds', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const rate = new AdaptiveRate(LIMITS, 0)
      let [now, calls, allowed] = [0, 0, LIMITS.start]
      for (const { ms, outcome } of all) {
        allowed += (ms * rate.perSecond) / 1000
        now += ms
        calls += drain(rate, now)
        if (outcome === 'accepted') rate.accepted(now)
        else rate.throttled(now, now)
        assert.ok(calls <= allowed + 1e-6)
        assert.ok(rate.perSecond >= LIMITS.least && rate.perSecond <= LIMITS.most)
      }
    }),
  )
})
