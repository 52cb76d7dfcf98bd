import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FactsChange, type TEST_CSR, testFacts } from '../testing/builders.ts'
import { TEST_NOW, testCsr } from '../testing/certificates.ts'
import { type DecisionRow, failed, TEST_SIGN, waits } from '../testing/decisions.ts'
import { decide } from './decide.ts'

const HOUR_MS = 3_600_000

type Spec = FactsChange['spec']

/** A Kubernetes CSR of the ServiceAccount team-a/builder, to a cluster issuer with profile Any for all namespaces. */
function csr(request: FactsChange['request'] = {}, spec: Spec = {}, rest: FactsChange['facts'] = {}): FactsChange {
  const usages = ['digital signature', 'client auth']
  return {
    request: { form: 'CertificateSigningRequest', namespace: 'team-a', isCA: false, usages, ...request },
    spec: { profile: 'Any', allowedNamespaces: { selector: {} }, ...spec },
    issuer: { clusterScoped: true },
    facts: { issuerTitle: 'MeshCAClusterIssuer mesh', ...rest },
  }
}

const { pathLength: _none, ...common } = TEST_SIGN.request
const LEAF: DecisionRow['expected'] = {
  ...TEST_SIGN,
  request: {
    ...common,
    tenant: 'team-a',
    isCA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: ['1.3.6.1.5.5.7.3.2'],
  },
  mesh: undefined,
  trust: undefined,
}

const OF_NOBODY: DecisionRow['expected'] = { ...LEAF, request: { ...LEAF.request, tenant: '' } }

function ca(request: Partial<typeof TEST_SIGN.request> = {}): DecisionRow['expected'] {
  return {
    ...TEST_SIGN,
    request: { ...TEST_SIGN.request, tenant: 'team-a', keyUsage: ['keyCertSign', 'cRLSign'], ...request },
    mesh: undefined,
    trust: undefined,
  }
}

const CA = { isCA: true, usages: ['cert sign'] }
const NO_CERT_SIGN = failed(
  'UsagesMismatch',
  'a CertificateSigningRequest for a CA must name "cert sign" in spec.usages',
)
const NO_PLACE = failed(
  'ProfileMismatch',
  'a CertificateSigningRequest has no place for ca.crt, which istiod needs: use a cert-manager Certificate with this issuer',
)

const ROWS: readonly DecisionRow[] = [
  { name: 'an end-entity certificate', change: csr(), expected: LEAF },
  { name: 'profile EndEntity', change: csr({}, { profile: 'EndEntity' }), expected: LEAF },
  {
    name: 'profile MeshCA',
    change: csr({ isCA: true, usages: ['cert sign'] }, { profile: 'MeshCA' }),
    expected: NO_PLACE,
  },
  { name: 'a CA that says so in its immutable usages', change: csr(CA), expected: ca() },
  {
    name: 'the annotation alone makes no CA',
    change: csr({ isCA: true, usages: ['digital signature'] }),
    expected: NO_CERT_SIGN,
  },
  { name: 'no usages at all make no CA', change: csr({ isCA: true, usages: [] }), expected: NO_CERT_SIGN },
  {
    name: 'the usages alone make no CA either',
    change: csr({ isCA: false, usages: ['cert sign'] }),
    expected: failed(
      'UsagesMismatch',
      '"cert sign" belongs in CA certificates only: remove it from spec.usages or set isCA: true',
    ),
  },
  {
    name: 'a CA from profile EndEntity',
    change: csr(CA, { profile: 'EndEntity' }),
    expected: failed(
      'ProfileMismatch',
      'this issuer signs no CAs: set isCA: false, or use an issuer with profile MeshCA',
    ),
  },
  {
    name: "a path length is the issuer's, whatever is wished",
    change: csr({ ...CA, pathLengthWish: '3' }, { pathLength: 1, maxPathLength: 3 }),
    expected: ca({ pathLength: 1 }),
  },
  {
    name: 'an annotated duration within the maximum',
    change: csr({ duration: '100h' }, { duration: { max: '2160h' } }),
    expected: lasting(LEAF, 100),
  },
  {
    name: 'an annotated duration beyond the maximum',
    change: csr({ duration: '2161h' }, { duration: { max: '2160h' } }),
    expected: failed('DurationTooLong', "the duration 2161h is above the issuer's maximum of 2160h"),
  },
  { name: 'no duration', change: csr({ duration: undefined }), expected: lasting(LEAF, 2160) },
  {
    name: 'a change of trust is nobody else’s: there is no ca.crt',
    change: csr(CA, {}, { own: { certificate: 'a/b', pair: { signerRoot: 'A', roots: ['A'] }, since: TEST_NOW } }),
    expected: ca(),
  },
  {
    name: 'a requester of a namespace that is served',
    change: csr({}, { allowedNamespaces: { names: ['team-a'] } }),
    expected: LEAF,
  },
  {
    name: 'a requester of a namespace that is not served',
    change: csr({}, { allowedNamespaces: { names: ['team-b'] } }),
    expected: waits(
      'NamespaceNotAllowed',
      'MeshCAClusterIssuer mesh does not serve namespace team-a; its owner can add it to allowedNamespaces',
    ),
  },
  { name: 'anybody where every namespace is served', change: csr({ namespace: undefined }), expected: OF_NOBODY },
  {
    name: 'anybody where no namespace is named',
    change: csr({ namespace: undefined }, { profile: 'EndEntity', allowedNamespaces: undefined }),
    expected: OF_NOBODY,
  },
  {
    name: 'a person where chosen namespaces are served',
    change: csr({ namespace: undefined, requester: 'jane' }, { allowedNamespaces: { names: ['team-a'] } }),
    expected: waits(
      'NamespaceNotAllowed',
      'MeshCAClusterIssuer mesh serves chosen namespaces only, and the requester jane belongs to none',
    ),
  },
  {
    name: 'name constraints in what is no CA',
    change: csr({ csr: testCsr({ nameConstraints: constrained() }).csrPem }),
    expected: failed(
      'NameConstraintsRefused',
      'name constraints belong in CA certificates only; remove them or set isCA: true',
    ),
  },
]

function constrained(): NonNullable<typeof TEST_CSR.csr.nameConstraints> {
  const none = { uriDomains: [], ipRanges: [], emailAddresses: [] }
  return { critical: true, permitted: { dnsDomains: ['a.example'], ...none }, excluded: { dnsDomains: [], ...none } }
}

function lasting(decision: DecisionRow['expected'], hours: number): DecisionRow['expected'] {
  if (decision.do !== 'sign') return decision
  const { request } = decision
  return { ...decision, request: { ...request, notAfter: request.notBefore + hours * HOUR_MS } }
}

for (const { name, change, expected } of ROWS) {
  test(`Kubernetes CSR: ${name}`, () => assert.deepEqual(decide(testFacts(change)), expected))
}
