import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Issuer } from '../api/issuer.ts'
import type { RequestRecord } from '../issuance/request-record.ts'
import { TEST_ROOT, testAuthority, testClusterIssuer, testIssuer } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { Acting } from './status-acting.ts'
import { FailureLog } from './status-failures.ts'
import { type OverviewSources, overviewOf } from './status-overview.ts'

const READY = {
  type: 'Ready',
  status: 'True',
  reason: 'Checked',
  message: 'm',
  lastTransitionTime: '2026-11-01T00:00:00Z',
  observedGeneration: 1,
} as const
const AUTHORITY = {
  subject: 'CN=Signer',
  serialNumber: '1',
  fingerprint: 'a',
  notBefore: '2026-01-01T00:00:00Z',
  key: 'ECDSA P-256',
  rootFingerprint: 'r',
}
const BUNDLE = { sha256: 'b', roots: [{ subject: 'CN=Root', fingerprint: 'r', notAfter: '2036-01-01T00:00:00Z' }] }

function readyUntil(name: string, notAfter: string): Issuer {
  const status = { conditions: [READY], authority: { ...AUTHORITY, notAfter }, trustBundle: BUNDLE }
  return testIssuer({ metadata: { name }, status })
}

const OPEN: RequestRecord = { ...testOpenRecord(), certificate: 'istio-system/istio-ca' }

function sources(change: Partial<OverviewSources> = {}): OverviewSources {
  const issuers = ['a', 'b'].map((name): [string, Issuer] => [
    `istio-system/${name}`,
    readyUntil(name, name === 'a' ? '2035-01-01T00:00:00Z' : '2034-01-01T00:00:00Z'),
  ])
  const none = { entries: () => [] }
  return {
    identity: 'pod-1',
    lease: 'team-a',
    namespaces: [],
    caches: {
      issuers: { entries: () => [...issuers, ['istio-system/new', testIssuer({ metadata: { name: 'new' } })]] },
      clusterIssuers: { entries: () => [['mesh', testClusterIssuer()]] },
      certificateRequests: { entries: () => [['istio-system/istio-ca-2', OPEN]] },
      kubernetesCsrs: none,
    },
    carriedByCertificate: (certificate) => ({
      certificate,
      issuer: 'MeshCAIssuer/istio-system/a',
      pair: trustPair('r', ['r']),
      since: 1,
      issuedAt: 2,
      revision: 1,
    }),
    ready: () => ({ ok: true, text: 'ok\n' }),
    mayAct: () => true,
    acting: new Acting(),
    failures: new FailureLog(),
    now: () => TEST_NOW + 60_000,
    ...change,
  }
}

test('issuers that need attention stand first, then those whose CA ends first', () => {
  const { at, issuers, intermediates, requests } = overviewOf(sources())
  assert.equal(at, TEST_NOW + 60_000)
  assert.deepEqual(
    issuers.map(({ name, state }) => `${name} ${state}`),
    ['mesh unchecked', 'new unchecked', 'b ready', 'a ready'],
  )
  assert.deepEqual(
    intermediates.map(({ certificate }) => certificate),
    ['istio-system/istio-ca'],
  )
  assert.deepEqual(
    requests.inFlight.map(({ request }) => request),
    ['istio-system/istio-ca-2'],
  )
})

const ACTING = new Acting()
ACTING.begin({
  clusterId: 'c-1',
  authority: (key) => (key.endsWith('/a') ? testAuthority(TEST_ROOT) : undefined),
  quotas: () => [],
})

const ROLES: readonly (readonly [name: string, change: Partial<OverviewSources>, expected: object])[] = [
  [
    'before the election',
    { mayAct: () => false, ready: () => ({ ok: false, text: 'one\ntwo\n' }) },
    { role: 'starting', problems: ['one', 'two'] },
  ],
  ['standing by', { mayAct: () => false }, { role: 'standing by', lease: 'team-a', problems: [] }],
  ['elected, caches on their way', {}, { role: 'starting', problems: [] }],
  ['acting', { acting: ACTING }, { role: 'acting', clusterId: 'c-1', problems: [] }],
  [
    'for some namespaces',
    { mayAct: () => false, namespaces: ['a', 'b'] },
    { role: 'standing by', lease: 'team-a', namespaces: ['a', 'b'], problems: [] },
  ],
]

for (const [name, change, expected] of ROLES) {
  test(`role: ${name}`, () =>
    assert.deepEqual(overviewOf(sources(change)).process, { identity: 'pod-1', namespaces: [], ...expected }))
}

test('one that acts knows chains and limits that status does not tell, and forgets them with its turn', () => {
  const acting = new Acting()
  const quota = { operation: 'IssueCertificate', perSecond: 25, tokens: 3, waiting: 7 } as const
  const told = () =>
    overviewOf(sources({ acting })).issuers.map(
      ({ name, chain, quotas }) => `${name} ${chain[0]?.subject} ${quotas.length}`,
    )
  const before = told()
  assert.ok(before.includes('a CN=Signer 0'))
  acting.begin({
    clusterId: 'c-1',
    authority: (key) => (key === 'MeshCAIssuer/istio-system/a' ? testAuthority(TEST_ROOT) : undefined),
    quotas: (key) => (key === 'MeshCAIssuer/istio-system/a' ? [quota] : []),
  })
  const changed = before.map((line) => (line === 'a CN=Signer 0' ? 'a CN=Mesh Root 1' : line))
  assert.deepEqual(told().sort(), changed.sort())
  acting.end()
  assert.deepEqual(told(), before)
})
