import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerGauges } from '../ops/scraped-gauges.ts'
import type { IssuerView, LinkView, QuotaView, RootView } from '../server/overview.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testIntermediateView, testIssuerView, testOverview, testRequestView } from '../testing/overview.ts'
import { observedOf } from './status-gauges.ts'

function link(role: LinkView['role'], notBefore?: number, notAfter?: number): LinkView {
  const span = { ...(notBefore === undefined ? {} : { notBefore }), ...(notAfter === undefined ? {} : { notAfter }) }
  return { role, subject: 'CN=One', fingerprint: 'f', ...span }
}

function root(fingerprint: string, notAfter: number, active = false): RootView {
  return { subject: `CN=${fingerprint}`, fingerprint, notAfter, active }
}

const VIEW = testIssuerView({
  defaultDurationMs: 60_000,
  chain: [link('signs', 1, 3000), link('between', 2, 2000), link('root', 3, 1000)],
  trustBundle: { sha256: 'b', roots: [root('late', 9000), root('r', 1000, true), root('soon', 8000)] },
})
const QUOTA: QuotaView = { operation: 'IssueCertificate', perSecond: 25, tokens: 3, waiting: 7 }
const GAUGES: IssuerGauges = {
  kind: 'MeshCAIssuer',
  issuer: 'istio-system/mesh',
  ready: true,
  defaultDurationMs: 60_000,
  authority: { notBefore: 2, notAfter: 2000 },
  rootNotAfter: 1000,
  additionalRootNotAfter: 8000,
  bundle: { sha256: 'b', root: 'r' },
  quotas: [],
}

const { namespace: _, ...clusterScoped } = VIEW
const { trustBundle: __, ...unpublished } = VIEW

const ROWS: readonly (readonly [name: string, view: IssuerView, change: Partial<IssuerGauges>])[] = [
  ['one that signs', VIEW, {}],
  ['one whose PKI has limits', { ...VIEW, quotas: [QUOTA] }, { quotas: [QUOTA] }],
  [
    'one of the cluster kind',
    { ...clusterScoped, kind: 'MeshCAClusterIssuer' },
    { kind: 'MeshCAClusterIssuer', issuer: 'mesh' },
  ],
  ['one that signs while a change of trust is held back', { ...VIEW, state: 'held' }, {}],
  ['one that cannot sign', { ...VIEW, state: 'not ready' }, { ready: false }],
  ['one that was not checked', { ...VIEW, state: 'unchecked' }, { ready: false }],
  ['a root that signs', { ...VIEW, chain: [link('signs', 5, 1000)] }, { authority: { notBefore: 5, notAfter: 1000 } }],
  [
    'a beginning that is not known',
    { ...VIEW, chain: [link('signs', undefined, 1000)] },
    { authority: { notBefore: undefined, notAfter: 1000 } },
  ],
  ['an end that is not known', { ...VIEW, chain: [link('signs', 5)] }, { authority: undefined }],
  ['nothing known of the CA', { ...VIEW, chain: [] }, { authority: undefined }],
  ['nothing published', unpublished, { rootNotAfter: undefined, additionalRootNotAfter: undefined, bundle: undefined }],
  [
    'no root beside the active one',
    { ...VIEW, trustBundle: { sha256: 'b', roots: [root('r', 1000, true)] } },
    { additionalRootNotAfter: undefined },
  ],
  [
    'no active root',
    { ...VIEW, trustBundle: { sha256: 'b', roots: [root('other', 9000)] } },
    { rootNotAfter: undefined, additionalRootNotAfter: 9000, bundle: { sha256: 'b', root: '' } },
  ],
]

for (const [name, view, change] of ROWS) {
  test(`gauges of an issuer: ${name}`, () => {
    const { issuers } = observedOf(testOverview({ issuers: [view] }))
    assert.deepEqual(issuers, [{ ...GAUGES, ...change }])
  })
}

test('requests are counted by kind and state, with the age of the oldest that is open', () => {
  const overview = testOverview()
  const inFlight = [
    testRequestView({ approvedAt: TEST_NOW - 60_000 }),
    testRequestView({ approvedAt: TEST_NOW - 50_000 }),
    testRequestView({ kind: 'CertificateSigningRequest', approvedAt: TEST_NOW + 5 }),
  ]
  const { counts } = overview.requests
  const oldest = (requests: typeof inFlight) =>
    observedOf({ ...overview, requests: { counts, inFlight: requests } }).requests
  assert.deepEqual(
    oldest(inFlight),
    counts.map(({ kind, states }) => ({ kind, states, oldestOpenMs: kind === 'CertificateRequest' ? 60_000 : 0 })),
  )
  assert.deepEqual(
    oldest([]).map(({ oldestOpenMs }) => oldestOpenMs),
    [0, 0],
  )
})

test('intermediates are shown with their end and their usual renewal', () => {
  const { notAfter, renewalAt, ...unread } = testIntermediateView()
  const overview = testOverview({ intermediates: [testIntermediateView(), unread] })
  const certificate = 'istio-system/istio-ca'
  assert.deepEqual(observedOf(overview).intermediates, [
    { certificate, notAfter, renewalAt },
    { certificate, notAfter: undefined, renewalAt: undefined },
  ])
})
