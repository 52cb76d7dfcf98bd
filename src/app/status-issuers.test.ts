import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerStatus } from '../api/issuer.ts'
import { formatTime } from '../api/time.ts'
import { issuerHealth } from '../issuance/issuer-health.ts'
import { issuerStatus } from '../issuance/issuer-status.ts'
import type { IssuerView } from '../server/overview.ts'
import { TEST_ROOT, testAuthority, testClusterIssuer, testIssuer, testSpec } from '../testing/builders.ts'
import { TEST_NOW, testIntermediate } from '../testing/certificates.ts'
import { issuerView } from './status-issuers.ts'

const HOUR_MS = 3_600_000
const POLICY = testIntermediate(TEST_ROOT, { subject: 'CN=Policy', pathLength: 2, notAfter: TEST_NOW + 9000 * HOUR_MS })
const SIGNER = testIntermediate(POLICY, { subject: 'CN=Signer', pathLength: 1, notAfter: TEST_NOW + 5000 * HOUR_MS })
const AUTHORITY = testAuthority(SIGNER, POLICY, TEST_ROOT)

/** What a check writes, so that the page is tested with what it will meet. */
function statusOf(facts: Partial<Parameters<typeof issuerHealth>[0]> = {}): IssuerStatus {
  const spec = testSpec()
  const good = { spec, generation: 1, fault: undefined, authority: AUTHORITY, declaredRoots: [], carried: [] }
  const health = issuerHealth({ ...good, now: TEST_NOW, ...facts })
  const lastIssuance = {
    time: formatTime(TEST_NOW),
    kind: 'CertificateRequest',
    namespace: 'istio-system',
    name: 'istio-ca-1',
    serialNumber: '1f',
    notAfter: formatTime(TEST_NOW + HOUR_MS),
  } as const
  return issuerStatus({ spec, health, before: {}, lastIssuance, carried: [], now: TEST_NOW })
}

const view = (status: IssuerStatus, change: Partial<Parameters<typeof issuerView>[0]> = {}): IssuerView =>
  issuerView({ issuer: testIssuer({ status }), authority: undefined, quotas: [], now: TEST_NOW, ...change })

const [SIGNS, BETWEEN, ROOT] = [SIGNER, POLICY, TEST_ROOT].map(({ certificate }) => {
  const { subject, fingerprint, notBefore, notAfter } = certificate
  return { subject: subject.text, fingerprint, notBefore, notAfter }
})

test('a ready issuer, as one that acts sees it', () => {
  const root = { subject: ROOT?.subject, fingerprint: ROOT?.fingerprint, notAfter: ROOT?.notAfter, active: true }
  const { conditions, trustBundle, ...rest } = view(statusOf(), { authority: AUTHORITY })
  assert.deepEqual(rest, {
    kind: 'MeshCAIssuer',
    namespace: 'istio-system',
    name: 'mesh',
    backend: 'CA',
    state: 'ready',
    problems: [],
    defaultDurationMs: 2160 * HOUR_MS,
    chain: [
      { role: 'signs', ...SIGNS },
      { role: 'between', ...BETWEEN },
      { role: 'root', ...ROOT },
    ],
    quotas: [],
    lastIssuance: {
      at: TEST_NOW,
      request: 'CertificateRequest istio-system/istio-ca-1',
      serialNumber: '1f',
      notAfter: TEST_NOW + HOUR_MS,
    },
  })
  assert.match(trustBundle?.sha256 ?? '', /^[0-9a-f]{64}$/)
  assert.deepEqual(trustBundle?.roots, [root])
  assert.deepEqual(
    conditions.map(({ type, status, since }) => `${type} ${status} ${since}`),
    ['Ready', 'CredentialsReady', 'AuthorityReady', 'TrustReady'].map((type) => `${type} True ${TEST_NOW}`),
  )
})

test('one that stands by knows the two ends of the chain', () => {
  const { notBefore: _, ...root } = ROOT ?? {}
  assert.deepEqual(view(statusOf()).chain, [
    { role: 'signs', ...SIGNS },
    { role: 'root', ...root },
  ])
})

test('a root that signs is one link', () => {
  const status = statusOf({ authority: testAuthority(TEST_ROOT) })
  assert.deepEqual(
    view(status).chain.map(({ role, subject }) => `${role} ${subject}`),
    [`signs ${ROOT?.subject}`],
  )
  assert.deepEqual(
    view(status, { authority: testAuthority(TEST_ROOT) }).chain.map(({ role }) => role),
    ['signs'],
  )
})

test('a cluster issuer has no namespace', () => {
  const { kind, namespace, name } = view({}, { issuer: testClusterIssuer() })
  assert.deepEqual([kind, namespace, name], ['MeshCAClusterIssuer', undefined, 'mesh'])
})

const FAULT = { part: 'CredentialsReady', reason: 'SecretMissing', message: 'the Secret "ca" is not there' } as const

const STATES: readonly {
  readonly name: string
  readonly status: IssuerStatus
  readonly generation?: number
  readonly state: IssuerView['state']
  /** How they begin. */
  readonly problems: readonly string[]
}[] = [
  {
    name: 'never checked',
    status: {},
    state: 'unchecked',
    problems: ['what stands in its spec has not been checked yet'],
  },
  {
    name: 'edited since its check',
    status: statusOf(),
    generation: 2,
    state: 'unchecked',
    problems: ['what stands in its spec has not been checked yet'],
  },
  {
    name: 'broken',
    status: statusOf({ fault: FAULT, authority: undefined }),
    state: 'not ready',
    problems: [FAULT.message],
  },
  {
    name: 'unready without a part',
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'R',
          message: 'why',
          lastTransitionTime: formatTime(TEST_NOW),
          observedGeneration: 1,
        },
      ],
    },
    state: 'not ready',
    problems: ['why'],
  },
  {
    name: 'a change of trust held back',
    status: statusOf({
      carried: [{ certificate: 'a/b', pair: { signerRoot: 'x', roots: ['x'] }, since: TEST_NOW }],
    }),
    state: 'held',
    problems: ['a/b: going from signer under x with roots {x} to '],
  },
]

for (const { name, status, generation = 1, state, problems } of STATES) {
  test(`state: ${name}`, () => {
    const shown = view(status, { issuer: testIssuer({ status, metadata: { generation } }) })
    assert.equal(shown.state, state)
    assert.deepEqual(
      shown.problems.map((problem, index) => problem.slice(0, problems[index]?.length)),
      problems,
    )
  })
}

test('a CA with less left than a certificate lasts is a problem, though it can still sign', () => {
  const now = (SIGNS?.notAfter ?? 0) - 2160 * HOUR_MS
  assert.deepEqual(view(statusOf(), { now }).problems, [])
  assert.deepEqual(view(statusOf(), { now: now + 1 }), {
    ...view(statusOf()),
    problems: [
      'CN=Signer ends before a certificate of the default duration (2160h) would, so requests for as much wait; renew it',
    ],
  })
})
