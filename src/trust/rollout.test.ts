import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Carried, judge, type Rollout } from './rollout.ts'
import { changeDigest, stepBetween, type TrustPair, trustPair } from './transition.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-23T12:00:00Z')
const [A, AB, B_AB, B] = [
  trustPair('A', ['A']),
  trustPair('A', ['A', 'B']),
  trustPair('B', ['A', 'B']),
  trustPair('B', ['B']),
]

function carried(certificate: string, pair: Carried['pair'], hoursAgo: number): Carried {
  return { certificate, pair, since: NOW - hoursAgo * HOUR }
}

/** One Certificate that has carried A for two days, and an issuer that now publishes {A,B}. */
const own = carried('istio-system/istio-ca', A, 48)
const GOOD: Rollout = { own, next: AB, others: [own], minimumDwellMs: 25 * HOUR, accepted: undefined, now: NOW }
const OVERRIDE = (from: Carried['pair'], to: Carried['pair']) =>
  `; to let this one change through all the same, set trust.acceptUnsafeChange to ${changeDigest(from, to)}`

const ROWS: readonly { readonly name: string; readonly change: Partial<Rollout>; readonly expected: unknown }[] = [
  { name: 'widening after the dwell', change: {}, expected: { allowed: true, step: 'widen' } },
  { name: 'a first issuance', change: { own: undefined, others: [] }, expected: { allowed: true, step: 'first' } },
  {
    name: 'a renewal under the same pair, right after a step',
    change: { own: carried('a/b', AB, 0), others: [] },
    expected: { allowed: true, step: 'same' },
  },
  {
    name: 'one edit that does everything',
    change: { next: B },
    expected: {
      allowed: false,
      code: 'TrustChangeUnsafe',
      message: `going from signer under A with roots {A} to signer under B with roots {B} in one step would break handshakes; go 1. signer under A with roots {A, B}, 2. signer under B with roots {A, B}, 3. signer under B with roots {B}, renewing every Certificate after each${OVERRIDE(A, B)}`,
    },
  },
  {
    name: 'the same, accepted by its digest',
    change: { next: B, accepted: changeDigest(A, B) },
    expected: { allowed: true, step: 'accepted' },
  },
  {
    name: 'accepted by the digest of another change',
    change: { next: B_AB, accepted: changeDigest(A, B) },
    expected: {
      allowed: false,
      code: 'TrustChangeUnsafe',
      message: `going from signer under A with roots {A} to signer under B with roots {A, B} in one step would break handshakes; go 1. signer under A with roots {A, B}, 2. signer under B with roots {A, B}, renewing every Certificate after each${OVERRIDE(A, B_AB)}`,
    },
  },
  {
    name: 'a step before the dwell is over',
    change: { own: carried('istio-system/istio-ca', A, 24) },
    expected: {
      allowed: false,
      code: 'TrustChangeTooSoon',
      message: `signer under A with roots {A} must stand until 2026-11-23T13:00:00.000Z (trust.minimumDwell), so that every workload has picked it up${OVERRIDE(A, AB)}`,
      waitMs: HOUR,
    },
  },
  {
    name: 'another Certificate took the present pair later',
    change: { others: [own, carried('istio-system/canary', A, 20)] },
    expected: {
      allowed: false,
      code: 'TrustChangeTooSoon',
      message: `signer under A with roots {A} must stand until 2026-11-23T17:00:00.000Z (trust.minimumDwell), so that every workload has picked it up${OVERRIDE(A, AB)}`,
      waitMs: 5 * HOUR,
    },
  },
  {
    name: 'another Certificate took a set that suffices for the step, and not long ago',
    change: {
      own: carried('istio-system/istio-ca', AB, 48),
      next: B_AB,
      others: [carried('istio-system/canary', trustPair('A', ['A', 'B', 'C']), 20)],
    },
    expected: {
      allowed: false,
      code: 'TrustChangeTooSoon',
      message: `signer under A with roots {A, B} must stand until 2026-11-23T17:00:00.000Z (trust.minimumDwell), so that every workload has picked it up${OVERRIDE(AB, B_AB)}`,
      waitMs: 5 * HOUR,
    },
  },
  {
    name: 'another Certificate has taken this very step already',
    change: { others: [own, carried('istio-system/canary', AB, 0)] },
    expected: { allowed: true, step: 'widen' },
  },
  {
    name: 'another Certificate lags a step behind',
    change: {
      own: carried('istio-system/istio-ca', AB, 48),
      next: B_AB,
      others: [carried('z/late', A, 99), carried('b/late', A, 99)],
    },
    expected: {
      allowed: false,
      code: 'TrustChangeOvertakes',
      message: `renew b/late, z/late first, so that every Certificate carries signer under A with roots {A, B}${OVERRIDE(AB, B_AB)}`,
    },
  },
  {
    name: 'a dwell of nothing',
    change: { own: carried('a/b', A, 0), minimumDwellMs: 0 },
    expected: { allowed: true, step: 'widen' },
  },
]

for (const { name, change, expected } of ROWS) {
  test(`rollout: ${name}`, () => assert.deepEqual(judge({ ...GOOD, ...change }), expected))
}

test('the message of a change with as many roots as an issuer may publish keeps its digest and its bound', () => {
  const many = (prefix: string) =>
    Array.from({ length: 64 }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`.padEnd(64, '0'))
  const [from, to] = [trustPair(many('a')[0] ?? '', many('a')), trustPair(many('b')[0] ?? '', many('b'))]
  const verdict = judge({ ...GOOD, own: carried('istio-system/istio-ca', from, 48), next: to })
  assert.ok(!verdict.allowed)
  assert.ok(verdict.message.endsWith(changeDigest(from, to)))
  assert.ok(verdict.message.length <= 1000, `${verdict.message.length} characters`)
})

const PAIRS: fc.Arbitrary<TrustPair> = fc
  .tuple(fc.subarray(['A', 'B', 'C'], { minLength: 1 }), fc.nat())
  .map(([roots, pick]) => trustPair(roots[pick % roots.length] ?? 'A', roots))

test('where each Certificate is a step away from what its issuer declares, none waits for another', () => {
  fc.assert(
    fc.property(fc.array(PAIRS, { minLength: 1, maxLength: 4 }), PAIRS, (pairs, next) => {
      fc.pre(pairs.every((pair) => stepBetween(pair, next) !== undefined))
      const others = pairs.map((pair, index) => carried(`team/ca-${index}`, pair, 48))
      for (const own of others) assert.equal(judge({ ...GOOD, own, others, next }).allowed, true)
    }),
  )
})
