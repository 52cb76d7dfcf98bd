import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestCertificateOptions } from '../testing/certificate-options.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testKeys } from '../testing/keys.ts'
import { constraints, dns, ip, uri } from '../testing/names.ts'
import { type PathChanges, testPath } from '../testing/paths.ts'
import { testScheme } from '../testing/signing.ts'
import { contextTag } from './der-reader.ts'
import { element, nullValue, sequence } from './der-writer.ts'
import { OID } from './extensions.ts'
import { type PathProblem, type TrialLeaf, trialPath } from './path.ts'

const keys = testKeys()
const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'

const trial: TrialLeaf = {
  description: 'a trial',
  names: [uri('spiffe://cluster.local/ns/a/sa/b'), dns('istiod.istio-system.svc')],
  extKeyUsage: [SERVER, CLIENT],
}

function unknown(oid: string, critical: boolean): TestCertificateOptions {
  return { extensions: [{ oid, critical, value: nullValue() }] }
}

type Row = readonly [what: string, changes: PathChanges, code?: string, message?: string]

const rows: readonly Row[] = [
  ['nothing', {}],
  ['an intermediate without path length', { int: { pathLength: null } }],
  ['keyUsage left out', { sub: { without: [OID.keyUsage] } }],
  [
    'a critical extension of the root',
    { root: unknown('1.2.3', true) },
    'critical-extension',
    '"CN=Root" has the critical extension 1.2.3, which peers do not know',
  ],
  ['an extension that is not critical', { sub: unknown('1.2.3', false) }],
  [
    'critical points of CRLs, which BoringSSL does not know',
    { sub: { extensions: [{ oid: OID.crlDistributionPoints, critical: true, value: sequence(sequence()) }] } },
    'peers-refuse',
    '"CN=Sub" has critical CRL distribution points, which Envoy does not know',
  ],
  [
    'a malformed extension that peers read, though it is not critical',
    { sub: unknown(OID.certificatePolicies, false) },
    'extension-unfit',
    '"CN=Sub" has a malformed extension 2.5.29.32',
  ],
  [
    'the intermediate expired',
    { int: { notAfter: TEST_NOW - 1000 } },
    'expired',
    '"CN=Int" expired on 2026-11-23T11:59:59.000Z',
  ],
  [
    'the root expired',
    { root: { notAfter: TEST_NOW - 1000 } },
    'expired',
    '"CN=Root" expired on 2026-11-23T11:59:59.000Z',
  ],
  ['the first and last second', { int: { notBefore: TEST_NOW, notAfter: TEST_NOW } }],
  [
    'not valid yet',
    { int: { notBefore: TEST_NOW + 1000 } },
    'not-yet-valid',
    '"CN=Int" is valid only from 2026-11-23T12:00:01.000Z',
  ],
  ['a subordinate that is no CA', { sub: { isCA: false } }, 'not-a-ca', '"CN=Sub" is not a CA (basicConstraints)'],
  [
    'a root without basic constraints',
    { root: { without: [OID.basicConstraints] } },
    'not-a-ca',
    '"CN=Root" is not a CA (basicConstraints)',
  ],
  [
    'a root that may not sign',
    { root: { keyUsage: ['cRLSign'] } },
    'key-usage',
    '"CN=Root" may not sign certificates (keyUsage lacks keyCertSign)',
  ],
  [
    'path length 0 above a CA',
    { sub: { pathLength: 0 } },
    'path-length',
    '"CN=Sub" allows a path length of 0, and the number of CAs below it is 1',
  ],
  [
    'path length 1 above two',
    { root: { pathLength: 1 } },
    'path-length',
    '"CN=Root" allows a path length of 1, and the number of CAs below it is 2',
  ],
  ['path length 2 above two', { root: { pathLength: 2 } }],
  [
    'the server’s usage alone',
    { int: { extKeyUsage: [SERVER] } },
    'extended-key-usage',
    `"CN=Int" is limited to extended key usages without ${CLIENT}`,
  ],
  [
    'any usage, which OpenSSL does not take for all',
    { sub: { extKeyUsage: ['2.5.29.37.0'] } },
    'extended-key-usage',
    `"CN=Sub" is limited to extended key usages without ${SERVER}`,
  ],
  ['both usages', { sub: { extKeyUsage: [CLIENT, SERVER] } }],
  [
    'a limited root',
    { root: { extKeyUsage: [CLIENT] } },
    'extended-key-usage',
    `"CN=Root" is limited to extended key usages without ${SERVER}`,
  ],
  [
    'constraints that fit',
    { sub: { nameConstraints: constraints({ uriDomains: ['cluster.local'], dnsDomains: ['svc'] }) } },
  ],
  [
    'constraints of the root',
    { root: { nameConstraints: constraints({}, { uriDomains: ['cluster.local'] }) } },
    'name-constraints',
    'the name constraints of "CN=Root" forbid it: URI "spiffe://cluster.local/ns/a/sa/b" is excluded by "cluster.local"',
  ],
  [
    'constraints of the second name',
    { int: { nameConstraints: constraints({ dnsDomains: ['org'] }) } },
    'name-constraints',
    'the name constraints of "CN=Int" forbid it: DNS name "istiod.istio-system.svc" is outside the permitted "org"',
  ],
  [
    'a name of the intermediate itself',
    { int: { names: [dns('a.org')] }, root: { nameConstraints: constraints({ dnsDomains: ['svc'] }) } },
    'name-constraints',
    'the name constraints of "CN=Root" forbid it: DNS name "a.org" is outside the permitted "svc"',
  ],
  [
    'a mailbox in the subject of the intermediate',
    {
      int: { subject: 'CN=Int,emailAddress=a@b.org' },
      root: { nameConstraints: constraints({ emailAddresses: ['svc'] }) },
    },
    'peers-refuse',
    'the name constraints of "CN=Root" forbid it: email address "a@b.org" is outside the permitted "svc"',
  ],
  [
    'one that OpenSSL and BoringSSL do not compare, below constraints of any kind',
    {
      int: { subject: 'CN=Int,1.2.840.113549.1.9.1=a@b.org' },
      root: { nameConstraints: constraints({ dnsDomains: ['svc'] }) },
    },
    'peers-refuse',
    'the name constraints of "CN=Root" forbid it: the email address in "CN=Int,emailAddress=a@b.org" cannot be compared with name constraints',
  ],
  [
    'an address of a CA, whose constraints BoringSSL does not know',
    { int: { names: [ip('10.0.0.1')] }, root: { nameConstraints: constraints({ ipRanges: ['10.0.0.0/8'] }) } },
    'peers-refuse',
    'the name constraints of "CN=Root" forbid it: Envoy does not compare IP address "10.0.0.1" of a CA with name constraints',
  ],
  [
    'a short RSA key',
    { int: { key: keys('RSA-1024', 'int') } },
    'key-unsupported',
    '"CN=Int" has a key that peers do not take: RSA 1024',
  ],
  [
    'a curve that peers do not know',
    { int: { key: keys('ECDSA-secp256k1', 'int') } },
    'key-unsupported',
    '"CN=Int" has a key that peers do not take: ECDSA secp256k1',
  ],
  [
    'SHA-1 below the root',
    { root: { key: keys('RSA', 'root') }, sub: { scheme: testScheme('1.2.840.113549.1.1.5', 'sha1', nullValue()) } },
    'signature',
    'the signature on "CN=Sub" is made with SHA-1, which is no longer safe',
  ],
  [
    'a key identifier of somebody else',
    {
      sub: {
        extensions: [
          { oid: OID.authorityKeyIdentifier, critical: false, value: sequence(element(contextTag(0), Buffer.of(1))) },
        ],
      },
    },
    'issuer-mismatch',
    '"CN=Sub" does not name "CN=Root" and its key identifier as its issuer',
  ],
  [
    'a serial number that its issuer had before',
    {
      sub: {
        extensions: [
          { oid: OID.authorityKeyIdentifier, critical: false, value: sequence(element(contextTag(2), Buffer.of(9))) },
        ],
      },
    },
    'issuer-mismatch',
    '"CN=Sub" does not name "CN=Root" and its key identifier as its issuer, or names another serial number of it',
  ],
]

function problem(code?: string, message = ''): PathProblem | undefined {
  return code === undefined ? undefined : { code, message }
}

describe('a trial leaf', () => {
  for (const [what, changes, code, message] of rows) {
    test(what, () => {
      const { chain, root } = testPath(changes)
      assert.deepEqual(trialPath(trial, chain, root, TEST_NOW), problem(code, message))
    })
  }
})
