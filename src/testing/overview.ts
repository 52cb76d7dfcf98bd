import type { IntermediateView, IssuerView, LinkView, Overview, RequestView, RootView } from '../server/overview.ts'
import { TEST_NOW } from './certificates.ts'

const DAY_MS = 86_400_000
const SPARE = 'c5'.repeat(32)

function fingerprint(number: number): string {
  return (number * 2_654_435_761).toString(16).padStart(8, '0').slice(-8).repeat(8)
}

function root(active: boolean): RootView {
  return active
    ? { subject: 'CN=Mesh Root G1,O=Example', fingerprint: fingerprint(1), notAfter: TEST_NOW + 3000 * DAY_MS, active }
    : { subject: 'CN=Mesh Root G2,O=Example', fingerprint: SPARE, notAfter: TEST_NOW + 5400 * DAY_MS, active }
}

function testChain(days: number): readonly LinkView[] {
  const { subject, fingerprint: ofRoot, notAfter } = root(true)
  const above = { role: 'between', subject: 'CN=Policy CA,O=Example', fingerprint: fingerprint(2) } as const
  return [
    {
      role: 'signs',
      subject: 'CN=Mesh CA eu-west,O=Example',
      fingerprint: fingerprint(3),
      notBefore: TEST_NOW - 300 * DAY_MS,
      notAfter: TEST_NOW + days * DAY_MS,
    },
    { ...above, notBefore: TEST_NOW - 400 * DAY_MS, notAfter: TEST_NOW + 1500 * DAY_MS },
    { role: 'root', subject, fingerprint: ofRoot, notBefore: TEST_NOW - 650 * DAY_MS, notAfter },
  ]
}

/** A ready issuer that publishes two roots. */
export function testIssuerView(change: Partial<IssuerView> = {}): IssuerView {
  return {
    kind: 'MeshCAIssuer',
    namespace: 'istio-system',
    name: 'mesh',
    backend: 'AWSPrivateCA',
    state: 'ready',
    problems: [],
    conditions: [{ type: 'Ready', status: 'True', reason: 'Checked', message: 'the issuer can sign', since: TEST_NOW }],
    defaultDurationMs: 90 * DAY_MS,
    chain: testChain(700),
    trustBundle: { sha256: fingerprint(4), roots: [root(true), root(false)] },
    quotas: [],
    lastIssuance: {
      at: TEST_NOW - DAY_MS,
      request: 'CertificateRequest istio-system/istio-ca-7',
      serialNumber: '1f',
      notAfter: TEST_NOW + 89 * DAY_MS,
    },
    ...change,
  }
}

/** An intermediate of ninety days, thirty of which are over. */
export function testIntermediateView(change: Partial<IntermediateView> = {}): IntermediateView {
  return {
    certificate: 'istio-system/istio-ca',
    issuer: 'MeshCAIssuer istio-system/mesh',
    issuedAt: TEST_NOW - 30 * DAY_MS,
    carriedSince: TEST_NOW - 120 * DAY_MS,
    notBefore: TEST_NOW - 30 * DAY_MS,
    notAfter: TEST_NOW + 60 * DAY_MS,
    renewalAt: TEST_NOW + 30 * DAY_MS,
    signerRoot: fingerprint(1),
    roots: [fingerprint(1), SPARE],
    ...change,
  }
}

export function testRequestView(change: Partial<RequestView> = {}): RequestView {
  return {
    kind: 'CertificateRequest',
    request: 'team-a/mesh-ca-2',
    issuer: 'MeshCAIssuer team-a/broken',
    approvedAt: TEST_NOW - 600_000,
    message: 'the issuer is not ready: the Secret "ca" does not exist in namespace team-a',
    ...change,
  }
}

/** A process that acts and has nothing to do. */
export function testOverview(change: Partial<Overview> = {}): Overview {
  return {
    at: TEST_NOW,
    process: {
      identity: 'mesh-ca-issuer-7d9f_6f1c',
      role: 'acting',
      clusterId: 'cluster-1',
      namespaces: [],
      problems: [],
    },
    issuers: [],
    intermediates: [],
    requests: {
      counts: [
        { kind: 'CertificateRequest', states: { unapproved: 0, open: 0, denied: 0, settled: 0, elsewhere: 0 } },
        { kind: 'CertificateSigningRequest', states: { unapproved: 0, open: 0, denied: 0, settled: 0, elsewhere: 0 } },
      ],
      inFlight: [],
    },
    failures: [],
    ...change,
  }
}

/** Something of everything: a broken issuer, one whose CA ends soon, a good one; a renewal that is due; a wait and failures. */
export function testBusyOverview(): Overview {
  const message =
    'the Secret "ca" does not exist in namespace team-a; create it, or correct the name in spec.ca.secretRef'
  const { trustBundle: _, lastIssuance: __, ...unknown } = testIssuerView()
  const { namespace: ___, ...clusterScoped } = testIssuerView({
    quotas: [{ operation: 'IssueCertificate', perSecond: 25, tokens: 25, waiting: 0 }],
  })
  return testOverview({
    issuers: [
      {
        ...unknown,
        namespace: 'team-a',
        name: 'broken',
        backend: 'CA',
        state: 'not ready',
        problems: [message],
        chain: [],
      },
      {
        ...clusterScoped,
        kind: 'MeshCAClusterIssuer',
        name: 'ageing',
        backend: 'Vault',
        problems: [
          'CN=Mesh CA eu-west,O=Example ends before a certificate of the default duration (2160h) would, so requests for as much wait; renew it',
        ],
        chain: testChain(25),
      },
      testIssuerView(),
    ],
    intermediates: [
      testIntermediateView({
        certificate: 'team-b/late',
        notBefore: TEST_NOW - 85 * DAY_MS,
        notAfter: TEST_NOW + 5 * DAY_MS,
        renewalAt: TEST_NOW - 25 * DAY_MS,
      }),
      testIntermediateView(),
    ],
    requests: {
      counts: [
        { kind: 'CertificateRequest', states: { unapproved: 1, open: 1, denied: 0, settled: 40, elsewhere: 0 } },
        { kind: 'CertificateSigningRequest', states: { unapproved: 0, open: 0, denied: 0, settled: 3, elsewhere: 0 } },
      ],
      inFlight: [testRequestView()],
    },
    failures: [
      { at: TEST_NOW - 60_000, subject: 'MeshCAIssuer team-a/broken', reason: 'SecretMissing', message, times: 3 },
      {
        at: TEST_NOW - 7_200_000,
        subject: 'CertificateRequest team-c/web-4',
        reason: 'PathLengthRefused',
        message: 'the request asks for path length 3, and the issuer allows 1 at most',
        times: 1,
      },
    ],
  })
}

/** As many ready issuers and intermediates. */
export function testLargeOverview(count: number): Overview {
  const numbers = Array.from({ length: count }, (_, index) => index)
  return testOverview({
    issuers: numbers.map((index) => testIssuerView({ namespace: `team-${index}` })),
    intermediates: numbers.map((index) => testIntermediateView({ certificate: `team-${index}/istio-ca` })),
  })
}
