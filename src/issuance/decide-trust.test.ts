import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, TEST_ROOT, testAuthority, testFacts } from '../testing/builders.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import { type DecisionRow, testSign, waits } from '../testing/decisions.ts'
import { makeBundle } from '../trust/bundle.ts'
import type { Carried } from '../trust/rollout.ts'
import { changeDigest, type TrustPair, trustPair } from '../trust/transition.ts'
import { decide, type TrustStep } from './decide.ts'

const HOUR = 3_600_000
const NEXT = testCa({ subject: 'CN=Next Root' })
const [A, B] = [TEST_ROOT.certificate.fingerprint, NEXT.certificate.fingerprint]
const [UNDER_A, UNDER_A_WITH_B, UNDER_B_WITH_A, UNDER_B] = [
  trustPair(A, [A]),
  trustPair(A, [A, B]),
  trustPair(B, [A, B]),
  trustPair(B, [B]),
]
const BOTH = makeBundle([TEST_ROOT.certificate, NEXT.certificate])

function carries(pair: TrustPair, hoursAgo: number, certificate = 'istio-system/istio-ca'): Carried {
  return { certificate, pair, since: TEST_NOW - hoursAgo * HOUR }
}

/** An issuer that publishes both roots while the old one signs. */
function widening(
  facts: NonNullable<FactsChange['facts']>,
  trust: NonNullable<FactsChange['spec']>['trust'] = {},
): FactsChange {
  const readiness = { ready: true, authority: testAuthority(TEST_ROOT), bundle: BOTH } as const
  return { facts, issuer: { readiness }, spec: { trust } }
}

/** The old root alone, as in the good facts. */
function plain(facts: NonNullable<FactsChange['facts']>): FactsChange {
  return { facts }
}

function signedBoth(step: TrustStep['step'], since?: number): DecisionRow['expected'] {
  return testSign({}, { bundle: BOTH, trust: { step, changesSet: step === 'widen', pair: UNDER_A_WITH_B, since } })
}

function signed(step: TrustStep['step'], since?: number): DecisionRow['expected'] {
  return testSign({}, { trust: { step, changesSet: step === 'accepted', pair: UNDER_A, since } })
}

const short = (fingerprint: string) => fingerprint.slice(0, 12)
const roots = [A, B].sort().map(short).join(', ')
const override = (from: TrustPair, to: TrustPair) =>
  `; to let this one change through all the same, set trust.acceptUnsafeChange to ${changeDigest(from, to)}`

const ROWS: readonly DecisionRow[] = [
  { name: 'a first issuance', change: plain({ own: undefined }), expected: signed('first') },
  { name: 'a first issuance with both roots', change: widening({ own: undefined }), expected: signedBoth('first') },
  {
    name: 'a renewal keeps the time since when the pair is carried',
    change: plain({ own: carries(UNDER_A, 100) }),
    expected: signed('same', TEST_NOW - 100 * HOUR),
  },
  {
    name: 'a step after the dwell starts anew',
    change: widening({ own: carries(UNDER_A, 25) }),
    expected: signedBoth('widen'),
  },
  {
    name: 'a move of the signer changes no set, not even when it is accepted early',
    change: widening(
      { own: carries(UNDER_B_WITH_A, 0) },
      { acceptUnsafeChange: changeDigest(UNDER_B_WITH_A, UNDER_A_WITH_B) },
    ),
    expected: signedBoth('accepted'),
  },
  {
    name: 'a step within the dwell',
    change: widening({ own: carries(UNDER_A, 24) }),
    expected: waits(
      'TrustChangeTooSoon',
      `signer under ${short(A)} with roots {${short(A)}} must stand until 2026-11-23T13:00:00.000Z (trust.minimumDwell), so that every workload has picked it up${override(UNDER_A, UNDER_A_WITH_B)}`,
      HOUR,
    ),
  },
  {
    name: 'a step without a dwell',
    change: widening({ own: carries(UNDER_A, 0) }, { minimumDwell: '0s' }),
    expected: signedBoth('widen'),
  },
  {
    name: 'a step that another Certificate is not ready for',
    change: widening({ own: carries(UNDER_A_WITH_B, 99), others: [carries(UNDER_B, 99, 'team-b/late')] }),
    expected: signedBoth('same', TEST_NOW - 99 * HOUR),
  },
  {
    name: 'a step beyond what another Certificate carries',
    change: plain({ own: carries(UNDER_A_WITH_B, 99), others: [carries(UNDER_B_WITH_A, 99, 'team-b/late')] }),
    expected: waits(
      'TrustChangeOvertakes',
      `renew team-b/late first, so that every Certificate carries signer under ${short(A)} with roots {${roots}}${override(UNDER_A_WITH_B, UNDER_A)}`,
    ),
  },
  {
    name: 'another root at once',
    change: plain({ own: carries(UNDER_B, 99) }),
    expected: waits(
      'TrustChangeUnsafe',
      `going from signer under ${short(B)} with roots {${short(B)}} to signer under ${short(A)} with roots {${short(A)}} in one step would break handshakes; go 1. signer under ${short(B)} with roots {${roots}}, 2. signer under ${short(A)} with roots {${roots}}, 3. signer under ${short(A)} with roots {${short(A)}}, renewing every Certificate after each${override(UNDER_B, UNDER_A)}`,
    ),
  },
  {
    name: 'another root at once, accepted',
    change: {
      ...plain({ own: carries(UNDER_B, 0) }),
      spec: { trust: { acceptUnsafeChange: changeDigest(UNDER_B, UNDER_A) } },
    },
    expected: signed('accepted'),
  },
]

for (const { name, change, expected } of ROWS) {
  test(`trust: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}

test('trust: what publishes no ca.crt to istiod takes no step', () => {
  const leaf = { isCA: false, usages: [] }
  const decision = decide(testFacts({ request: leaf, spec: { profile: 'Any' }, facts: { own: carries(UNDER_B, 0) } }))
  assert.ok(decision.do === 'sign')
  assert.equal(decision.trust, undefined)
})
