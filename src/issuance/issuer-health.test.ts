import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConditionChange } from '../api/condition.ts'
import { TEST_ROOT, testAuthority, testSpec } from '../testing/builders.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import type { DeclaredRoots } from '../trust/additional-roots.ts'
import { makeBundle } from '../trust/bundle.ts'
import { changeDigest, trustPair } from '../trust/transition.ts'
import { type CheckFacts, type Health, issuerHealth } from './issuer-health.ts'

const AUTHORITY = testAuthority(TEST_ROOT)
const NEXT = testCa({ subject: 'CN=Next Root' })
const [A, B] = [TEST_ROOT.certificate.fingerprint, NEXT.certificate.fingerprint]

const GOOD: CheckFacts = {
  spec: testSpec(),
  generation: 3,
  fault: undefined,
  authority: AUTHORITY,
  declaredRoots: [],
  carried: [],
  now: TEST_NOW,
}

const NEXT_DECLARED: DeclaredRoots = {
  source: 'trust.additionalRoots[0]',
  pem: NEXT.certificatePem,
  sha256: undefined,
}

type Part = 'Ready' | 'CredentialsReady' | 'AuthorityReady' | 'TrustReady'
type State = readonly [status: 'True' | 'False' | 'Unknown', reason: string, message: string]

const WELL: State = ['True', 'Checked', 'the issuer can sign']
const FOUND: State = ['True', 'Checked', 'everything that the issuer refers to was found']
const CAN_SIGN: State = ['True', 'Checked', 'the CA can sign, and its chain closes at its root']
const AS_DECLARED: State = ['True', 'Checked', 'the published roots are those that were declared']
const NOT_REACHED: State = ['Unknown', 'NotReached', 'an earlier part of the check failed']

function conditions(...states: readonly [State, State, State, State]): readonly ConditionChange[] {
  const types: readonly Part[] = ['Ready', 'CredentialsReady', 'AuthorityReady', 'TrustReady']
  return types.map((type, index) => {
    const [status, reason, message] = states[index] ?? NOT_REACHED
    return { type, status, reason, message, observedGeneration: 3 }
  })
}

function no(reason: string, message: string): State {
  return ['False', reason, message]
}

const BUNDLE = makeBundle([TEST_ROOT.certificate])
const BOTH = makeBundle([TEST_ROOT.certificate, NEXT.certificate])

function ready(bundle = BUNDLE): Pick<Health, 'readiness' | 'authority' | 'bundle'> {
  return { readiness: { ready: true, authority: AUTHORITY, bundle }, authority: AUTHORITY, bundle }
}

const GONE = { reason: 'SecretNotFound', message: 'the Secret ca does not exist' }
const MISMATCH = { reason: 'CaKeyMismatch', message: 'tls.key is another key' }
const UNREAD = { reason: 'ConfigMapNotFound', message: 'the ConfigMap roots does not exist' }
const ENDED = { reason: 'AuthorityExpired', message: 'CN=Mesh Root ended at 2026-11-23T12:00:00.000Z; renew it' }
const OLD = testAuthority(testCa({ subject: 'CN=Mesh Root', notAfter: TEST_NOW }))
const NOT_SELF_SIGNED = {
  reason: 'RootUnreadable',
  message: 'trust.additionalRoots[0]: the PEM text cannot be read: it has text outside its blocks; remove it',
}

const LONG_AGO = { certificate: 'istio-system/istio-ca', since: 0 }
const OVERRIDE = `to let this one change through all the same, set trust.acceptUnsafeChange to ${changeDigest(trustPair(B, [B]), trustPair(A, [A]))}`
const short = (fingerprint: string) => fingerprint.slice(0, 12)
const HELD_MESSAGE = `istio-system/istio-ca: going from signer under ${short(B)} with roots {${short(B)}} to signer under ${short(A)} with roots {${short(A)}} in one step would break handshakes; go 1. signer under ${short(B)} with roots {${[A, B].sort().map(short).join(', ')}}, 2. signer under ${short(A)} with roots {${[A, B].sort().map(short).join(', ')}}, 3. signer under ${short(A)} with roots {${short(A)}}, renewing every Certificate after each; ${OVERRIDE}`

const SHORT_LIVED = { ...AUTHORITY, longestLifeMs: 168 * 3_600_000 }
const BRIEF = testAuthority(testCa({ subject: 'CN=Brief', notAfter: TEST_NOW + 48 * 3_600_000 }))
const WEEK = { ...testSpec().duration, default: '168h' }
const BRIEF_BUNDLE = makeBundle([BRIEF.root])

const ROWS: readonly { readonly name: string; readonly change: Partial<CheckFacts>; readonly expected: Health }[] = [
  {
    name: 'everything is well',
    change: {},
    expected: { ...ready(), conditions: conditions(WELL, FOUND, CAN_SIGN, AS_DECLARED) },
  },
  {
    name: 'a PKI that gives shorter lives than who names none asks for',
    change: { authority: SHORT_LIVED },
    expected: {
      readiness: { ready: true, authority: SHORT_LIVED, bundle: BUNDLE },
      authority: SHORT_LIVED,
      bundle: BUNDLE,
      conditions: conditions(
        WELL,
        FOUND,
        [
          'True',
          'Checked',
          `${CAN_SIGN[2]}; it signs for 168h0m0s at most, and duration.default is 2160h: lower that, or ask for less in each Certificate`,
        ],
        AS_DECLARED,
      ),
    },
  },
  {
    name: 'lives just as long as the PKI gives',
    change: { authority: SHORT_LIVED, spec: { ...testSpec(), duration: WEEK } },
    expected: {
      readiness: { ready: true, authority: SHORT_LIVED, bundle: BUNDLE },
      authority: SHORT_LIVED,
      bundle: BUNDLE,
      conditions: conditions(WELL, FOUND, CAN_SIGN, AS_DECLARED),
    },
  },
  {
    name: 'a CA that ends before a certificate of the default duration would',
    change: { authority: BRIEF },
    expected: {
      readiness: { ready: true, authority: BRIEF, bundle: BRIEF_BUNDLE },
      authority: BRIEF,
      bundle: BRIEF_BUNDLE,
      conditions: conditions(
        WELL,
        FOUND,
        [
          'True',
          'Checked',
          `${CAN_SIGN[2]}; CN=Brief ends at ${new Date(BRIEF.root.notAfter).toISOString()}, before a certificate of duration.default (2160h) would: renew that CA, or lower duration.default`,
        ],
        AS_DECLARED,
      ),
    },
  },
  {
    name: 'with another root',
    change: { declaredRoots: [NEXT_DECLARED] },
    expected: { ...ready(BOTH), conditions: conditions(WELL, FOUND, CAN_SIGN, AS_DECLARED) },
  },
  {
    name: 'without a dwell, which is said',
    change: { spec: testSpec({ trust: { minimumDwell: '0s' } }) },
    expected: {
      ...ready(),
      conditions: conditions(WELL, FOUND, CAN_SIGN, [
        'True',
        'Checked',
        `${AS_DECLARED[2]}; trust.minimumDwell is 0s, so a step does not wait until workloads have picked the one before it up`,
      ]),
    },
  },
  {
    name: 'the Secret is gone',
    change: { fault: { part: 'CredentialsReady', ...GONE }, authority: undefined },
    expected: {
      readiness: { ready: false, message: GONE.message },
      authority: undefined,
      bundle: undefined,
      conditions: conditions(no(GONE.reason, GONE.message), no(GONE.reason, GONE.message), NOT_REACHED, NOT_REACHED),
    },
  },
  {
    name: 'the authority cannot be opened',
    change: { fault: { part: 'AuthorityReady', ...MISMATCH }, authority: undefined },
    expected: {
      readiness: { ready: false, message: MISMATCH.message },
      authority: undefined,
      bundle: undefined,
      conditions: conditions(
        no(MISMATCH.reason, MISMATCH.message),
        FOUND,
        no(MISMATCH.reason, MISMATCH.message),
        NOT_REACHED,
      ),
    },
  },
  {
    name: 'the authority is not fit, and its roots are well',
    change: { authority: OLD },
    expected: {
      readiness: { ready: false, message: ENDED.message },
      authority: OLD,
      bundle: makeBundle([OLD.root]),
      conditions: conditions(no(ENDED.reason, ENDED.message), FOUND, no(ENDED.reason, ENDED.message), AS_DECLARED),
    },
  },
  {
    name: 'the declared roots cannot be found',
    change: { fault: { part: 'TrustReady', ...UNREAD } },
    expected: {
      readiness: { ready: false, message: UNREAD.message },
      authority: AUTHORITY,
      bundle: undefined,
      conditions: conditions(no(UNREAD.reason, UNREAD.message), FOUND, CAN_SIGN, no(UNREAD.reason, UNREAD.message)),
    },
  },
  {
    name: 'a declared root is not fit',
    change: { declaredRoots: [{ ...NEXT_DECLARED, pem: 'no PEM' }] },
    expected: {
      readiness: { ready: false, message: NOT_SELF_SIGNED.message },
      authority: AUTHORITY,
      bundle: undefined,
      conditions: conditions(
        no(NOT_SELF_SIGNED.reason, NOT_SELF_SIGNED.message),
        FOUND,
        CAN_SIGN,
        no(NOT_SELF_SIGNED.reason, NOT_SELF_SIGNED.message),
      ),
    },
  },
  {
    name: 'a change of trust is held back: ready all the same',
    change: { carried: [{ ...LONG_AGO, pair: trustPair(B, [B]) }] },
    expected: {
      ...ready(),
      conditions: conditions(
        ['True', 'Checked', 'the issuer can sign; a change of trust is held back (see TrustReady)'],
        FOUND,
        CAN_SIGN,
        no('TrustChangeUnsafe', HELD_MESSAGE),
      ),
    },
  },
  {
    name: 'Certificates that carry the declared pair hold nothing back',
    change: { carried: [{ ...LONG_AGO, since: TEST_NOW, pair: trustPair(A, [A]) }] },
    expected: { ...ready(), conditions: conditions(WELL, FOUND, CAN_SIGN, AS_DECLARED) },
  },
]

for (const { name, change, expected } of ROWS) {
  test(`health: ${name}`, () => assert.deepEqual(issuerHealth({ ...GOOD, ...change }), expected))
}

test('health: an issuer of which nothing is known is not ready', () => {
  const { readiness } = issuerHealth({ ...GOOD, authority: undefined })
  assert.deepEqual(readiness, { ready: false, message: 'the check has not come to an end' })
})

test('health: one of many Certificates that would be held back is named', () => {
  const carried = Array.from({ length: 500 }, (_, index) => ({
    certificate: `team/c-${index}`,
    since: 0,
    pair: trustPair(A, [A, 'f'.repeat(64)]),
  }))
  const { conditions: found } = issuerHealth({
    ...GOOD,
    carried: [...carried, { ...LONG_AGO, pair: trustPair(B, [B]) }],
  })
  const trust = found.find(({ type }) => type === 'TrustReady')
  assert.equal(trust?.status, 'False')
  assert.ok((trust?.message.length ?? 0) < 2000)
})
