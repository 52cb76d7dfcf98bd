import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NameConstraints } from '../pki/name-constraints.ts'
import { type FactsChange, TEST_ROOT, testAuthority, testFacts, testReadiness } from '../testing/builders.ts'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { testCsr, testIntermediate } from '../testing/certificates.ts'
import { failed } from '../testing/decisions.ts'
import { constraints, dns, email, ip } from '../testing/names.ts'
import { decide } from './decide.ts'

type Spec = NonNullable<FactsChange['spec']>

const ISTIOD = "with the name constraints of the CSR istiod's own serving certificate would be refused"
const WORKLOAD =
  'with the name constraints of the CSR a workload certificate for spiffe://cluster.local/ns/istio-system/sa/default would be refused'

const MESH: readonly {
  readonly name: string
  readonly asked: NameConstraints
  readonly spec?: Spec
  readonly refused?: string
}[] = [
  { name: 'the trust domain alone', asked: constraints({ uriDomains: ['cluster.local'] }) },
  { name: 'the names of istiod alone', asked: constraints({ dnsDomains: ['istio-system.svc'] }) },
  { name: 'addresses, which a mesh does not need', asked: constraints({ ipRanges: ['10.0.0.0/8'] }) },
  {
    name: 'row 22: other names',
    asked: constraints({ dnsDomains: ['example.org'] }),
    refused: `${ISTIOD}: DNS name "istiod.istio-system.svc" is outside the permitted "example.org"`,
  },
  {
    name: 'row 23: another trust domain',
    asked: constraints({ uriDomains: ['other.domain'] }),
    refused: `${WORKLOAD}: URI "spiffe://cluster.local/ns/istio-system/sa/default" is outside the permitted "other.domain"`,
  },
  {
    name: 'the trust domain excluded',
    asked: constraints({}, { uriDomains: ['cluster.local'] }),
    refused: `${WORKLOAD}: URI "spiffe://cluster.local/ns/istio-system/sa/default" is excluded by "cluster.local"`,
  },
  {
    name: 'every name excluded',
    asked: constraints({}, { dnsDomains: [''] }),
    refused: `${ISTIOD}: DNS name "istiod.istio-system.svc" is excluded by ""`,
  },
  {
    name: 'a revision excluded',
    asked: constraints({}, { dnsDomains: ['istiod-canary.istio-system.svc'] }),
    spec: { mesh: { revisions: ['canary'] } },
    refused: `${ISTIOD}: DNS name "istiod-canary.istio-system.svc" is excluded by "istiod-canary.istio-system.svc"`,
  },
  {
    name: 'another trust domain where no mesh is concerned',
    asked: constraints({ uriDomains: ['other.domain'] }),
    spec: { profile: 'Any' },
  },
]

for (const { name, asked, spec = {}, refused } of MESH) {
  test(`constraints that a mesh must live with: ${name}`, () => {
    const { csrPem } = testCsr({ subject: 'CN=istiod-ca', nameConstraints: asked })
    const decision = decide(testFacts({ request: { csr: csrPem }, spec }))
    if (refused === undefined) assert.equal(decision.do, 'sign')
    else assert.deepEqual(decision, failed('NameConstraintsRefused', `${refused}; let the names of the mesh in`))
  })
}

const LIMITS: readonly {
  readonly name: string
  readonly signer: TestCertificateOptions
  readonly expected: ReturnType<typeof failed> | undefined
}[] = [
  { name: 'no limits', signer: {}, expected: undefined },
  {
    name: 'names that are permitted',
    signer: { nameConstraints: constraints({ dnsDomains: ['example'] }) },
    expected: undefined,
  },
  {
    name: 'a name that is not permitted',
    signer: { nameConstraints: constraints({ dnsDomains: ['other'] }) },
    expected: failed(
      'NamesNotPermitted',
      'CN=Sub does not permit it: DNS name "a.example" is outside the permitted "other"',
    ),
  },
  {
    name: 'an address that is permitted, in what is no CA',
    signer: { nameConstraints: constraints({ ipRanges: ['10.0.0.0/8'] }) },
    expected: undefined,
  },
  {
    name: 'an address that is excluded',
    signer: { nameConstraints: constraints({}, { ipRanges: ['10.0.0.0/8'] }) },
    expected: failed(
      'NamesNotPermitted',
      'CN=Sub does not permit it: IP address "10.0.0.1" is excluded by "10.0.0.0/8"',
    ),
  },
  { name: 'the use that is asked for', signer: { extKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, expected: undefined },
  {
    name: 'another use',
    signer: { extKeyUsage: ['1.3.6.1.5.5.7.3.2'] },
    expected: failed('UsagesNotPermitted', 'CN=Sub is limited to extended key usages without 1.3.6.1.5.5.7.3.1'),
  },
]

test('limits of the authority: an address of a CA', () => {
  const nameConstraints = constraints({ dnsDomains: ['svc'], uriDomains: ['cluster.local'], ipRanges: ['10.0.0.0/8'] })
  const sub = testIntermediate(TEST_ROOT, { subject: 'CN=Sub', pathLength: 1, nameConstraints })
  const { csrPem } = testCsr({ subject: 'CN=istiod-ca', names: [ip('10.0.0.1')] })
  const readiness = testReadiness(testAuthority(sub, TEST_ROOT))
  const reason = 'Envoy does not compare IP address "10.0.0.1" of a CA with name constraints'
  assert.deepEqual(
    decide(testFacts({ request: { csr: csrPem }, issuer: { readiness } })),
    failed('NamesNotPermitted', `CN=Sub does not permit it: ${reason}`),
  )
})

for (const { name, signer, expected } of LIMITS) {
  test(`limits of the authority: ${name}`, () => {
    const sub = testIntermediate(TEST_ROOT, { subject: 'CN=Sub', ...signer })
    const { csrPem } = testCsr({ names: [dns('a.example'), ip('10.0.0.1'), email('ops@a.example')] })
    const decision = decide(
      testFacts({
        request: { csr: csrPem, isCA: false, usages: ['server auth'] },
        spec: { profile: 'EndEntity' },
        issuer: { readiness: testReadiness(testAuthority(sub, TEST_ROOT)) },
      }),
    )
    if (expected === undefined) assert.equal(decision.do, 'sign')
    else assert.deepEqual(decision, expected)
  })
}
