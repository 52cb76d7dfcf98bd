import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SpecInput, TEST_ROOT, testAuthority, testSpec } from '../testing/builders.ts'
import type { TestCertificate, TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints } from '../testing/names.ts'
import { type Unfitness, unfitAuthority } from './authority-fitness.ts'

const keys = testKeys()

function root(options: TestCertificateOptions = {}): TestCertificate {
  return testCa({ subject: 'CN=Root', ...options })
}

function below(above: TestCertificate, options: TestCertificateOptions = {}): readonly TestCertificate[] {
  return [testIntermediate(above, { subject: 'CN=Sub', pathLength: null, ...options }), above]
}

function spent(subject: string, limit: number, length = 0): Unfitness {
  return {
    reason: 'PathLengthSpent',
    message: `${subject} allows a path length of ${limit}, too little to issue CAs of path length ${length} below it; use a CA with a greater one`,
  }
}

function unusable(message: string): Unfitness {
  return { reason: 'AuthorityUnusable', message: `${message}; use a CA without this fault` }
}

function constrained(message: string): Unfitness {
  return { reason: 'NameConstraintsUnfit', message: `spec.nameConstraints: ${message}` }
}

const WORKLOAD =
  'a workload certificate for spiffe://cluster.local/ns/istio-system/sa/default below the CA would be refused'

const ROWS: readonly {
  readonly name: string
  readonly path: readonly TestCertificate[]
  readonly spec?: SpecInput
  readonly expected: Unfitness | undefined
}[] = [
  { name: 'a root', path: [TEST_ROOT], expected: undefined },
  { name: 'a CA below a root', path: below(root()), expected: undefined },
  { name: 'a CA with just enough room', path: below(root({ pathLength: 2 }), { pathLength: 1 }), expected: undefined },
  {
    name: 'no CA',
    path: [root({ isCA: false })],
    expected: { reason: 'NotACA', message: 'CN=Root is not a CA certificate; use one that is' },
  },
  {
    name: 'a CA that may not sign certificates',
    path: [root({ keyUsage: ['cRLSign'] })],
    expected: { reason: 'NotACA', message: 'CN=Root may not sign certificates (no keyCertSign); use a CA that may' },
  },
  {
    name: 'a CA of tomorrow',
    path: [root({ notBefore: TEST_NOW + 1000 })],
    expected: { reason: 'AuthorityNotYetValid', message: 'CN=Root is not valid before 2026-11-23T12:00:01.000Z' },
  },
  { name: 'a CA of this very second', path: [root({ notBefore: TEST_NOW })], expected: undefined },
  {
    name: 'a CA of yesterday',
    path: [root({ notAfter: TEST_NOW })],
    expected: { reason: 'AuthorityExpired', message: 'CN=Root ended at 2026-11-23T12:00:00.000Z; renew it' },
  },
  {
    name: 'a CA of today below a root of yesterday',
    path: below(root({ notAfter: TEST_NOW })),
    expected: { reason: 'AuthorityExpired', message: 'CN=Root ended at 2026-11-23T12:00:00.000Z; renew it' },
  },
  { name: 'no room below the signer', path: [root({ pathLength: 0 })], expected: spent('CN=Root', 0) },
  { name: 'no room below the root', path: below(root({ pathLength: 1 })), expected: spent('CN=Root', 1) },
  {
    name: 'no room for what the issuer gives',
    path: [root({ pathLength: 1 })],
    spec: { pathLength: 1 },
    expected: spent('CN=Root', 1, 1),
  },
  {
    name: 'no room, and no CA to issue',
    path: [root({ pathLength: 0 })],
    spec: { profile: 'EndEntity' },
    expected: undefined,
  },
  {
    name: 'no room, and CAs among others',
    path: [root({ pathLength: 0 })],
    spec: { profile: 'Any' },
    expected: undefined,
  },
  {
    name: 'a key that peers do not take',
    path: [root({ key: keys('RSA-1024', 'root') })],
    expected: unusable('"CN=Root" has a key that peers do not take: RSA 1024'),
  },
  {
    name: 'a critical extension that peers do not know',
    path: [root({ extensions: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] })],
    expected: unusable('"CN=Root" has the critical extension 1.2.3.4, which peers do not know'),
  },
  {
    name: 'a CA for code signing',
    path: below(root(), { extKeyUsage: ['1.3.6.1.5.5.7.3.3'] }),
    expected: unusable(`${WORKLOAD}: "CN=Sub" is limited to extended key usages without 1.3.6.1.5.5.7.3.1`),
  },
  {
    name: 'a CA for other trust domains',
    path: below(root(), { nameConstraints: constraints({ uriDomains: ['other.domain'] }) }),
    expected: unusable(
      `${WORKLOAD}: the name constraints of "CN=Sub" forbid it: URI "spiffe://cluster.local/ns/istio-system/sa/default" is outside the permitted "other.domain"`,
    ),
  },
  {
    name: 'a CA for other trust domains where no mesh is concerned',
    path: below(root(), { nameConstraints: constraints({ uriDomains: ['other.domain'] }) }),
    spec: { profile: 'Any' },
    expected: undefined,
  },
  {
    name: 'constraints that are no subtrees',
    path: [TEST_ROOT],
    spec: { nameConstraints: { excluded: { ipRanges: ['10.0.0.0/99'] } } },
    expected: constrained(
      'the name constraints cannot be used: "10.0.0.0/99" is not a valid IP address subtree; correct it',
    ),
  },
  {
    name: 'an address where a host should be',
    path: [TEST_ROOT],
    spec: { profile: 'Any', nameConstraints: { permitted: { uriDomains: ['10.0.0.1'] } } },
    expected: constrained('the name constraints cannot be used: "10.0.0.1" is not a valid URI subtree; correct it'),
  },
  {
    name: 'constraints that shut the mesh out',
    path: [TEST_ROOT],
    spec: { nameConstraints: { permitted: { dnsDomains: ['example.org'] } } },
    expected: constrained(
      'istiod\'s own serving certificate would be refused: DNS name "istiod.istio-system.svc" is outside the permitted "example.org"; let the names of the mesh in',
    ),
  },
]

for (const { name, path, spec = {}, expected } of ROWS) {
  test(`authority: ${name}`, () => {
    assert.deepEqual(unfitAuthority(testAuthority(...path), testSpec(spec), TEST_NOW), expected)
  })
}
