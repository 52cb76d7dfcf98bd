import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OID } from '../pki/extensions.ts'
import { EKU } from '../pki/key-usage.ts'
import {
  below,
  DAY_MS,
  type Entries,
  INT,
  judged,
  pem,
  ROOT,
  SUB,
  subOf,
  TWO,
  tls,
  without,
} from '../testing/cacerts-rows.ts'
import { TEST_NOW, testCa, testLeaf } from '../testing/certificates.ts'
import type { Told } from '../testing/doctor-rows.ts'
import { FINDINGS } from './finding.ts'

const GOOD = tls([INT, SUB], [ROOT])
const JUNK = '-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n'
const IDENTIFIERS = [OID.subjectKeyIdentifier, OID.authorityKeyIdentifier]
const SHORT = testCa({ subject: 'CN=Root', notAfter: TEST_NOW + 10 * DAY_MS })
const NARROW = subOf({ pathLength: 0 })

const ROWS: readonly { readonly name: string; readonly data: Entries; readonly findings: readonly Told[] }[] = [
  {
    name: 'ca.crt is missing',
    data: without(GOOD, 'ca.crt'),
    findings: [
      {
        code: 'CacertsIncomplete',
        where: 'Secret cacerts',
        what: 'ca.crt is missing or empty, and istiod ends at its start with "incomplete signing CA bundle detected"',
        remedy:
          'use an issuer that fills in ca.crt, such as those of mesh-ca-issuer, and renew the Certificate (cmctl renew)',
      },
    ],
  },
  {
    name: 'tls.key is missing',
    data: without(GOOD, 'tls.key'),
    findings: [
      {
        code: 'CacertsIncomplete',
        where: 'Secret cacerts',
        what: 'tls.key is missing or empty, and istiod ends at its start with "incomplete signing CA bundle detected"',
        remedy: 'have a Certificate write the Secret, or put the missing entries in',
      },
    ],
  },
  {
    name: 'two sets of names',
    data: { ...GOOD, 'ca-cert.pem': pem(TWO) },
    findings: [
      {
        code: 'CacertsMixedKeys',
        where: 'Secret cacerts',
        what: 'it holds the names of both formats (tls.crt and ca-cert.pem), and istiod reads tls.crt, tls.key and ca.crt only',
        remedy: 'once istiod runs with what cert-manager wrote, remove the entries that end in .pem',
      },
    ],
  },
  {
    name: 'what is no certificate',
    data: { ...GOOD, 'ca.crt': pem(ROOT) + JUNK },
    findings: [
      {
        code: 'PemUnreadable',
        where: 'Secret cacerts, ca.crt',
        what: 'its certificate number 2 cannot be used (the certificate is not well-formed DER: its signature algorithm is missing), and istiod ends at its start',
        remedy: 'put whole certificates there, each BEGIN and END line alone, and nothing else',
      },
    ],
  },
  {
    name: 'two blocks in one line',
    data: { ...GOOD, 'tls.crt': pem(INT).trimEnd() + pem(SUB) },
    findings: [
      {
        code: 'PemUnreadable',
        where: 'Secret cacerts, tls.crt',
        what: '2 of its PEM blocks cannot be read; istiod passes over them, or ends at its start',
        remedy: 'put whole certificates there, each BEGIN and END line alone, and nothing else',
      },
    ],
  },
  {
    name: 'no newline',
    data: tls([TWO], [ROOT], { 'tls.crt': pem(TWO).trimEnd() }),
    findings: [
      {
        code: 'NewlineMissing',
        where: 'Secret cacerts, tls.crt',
        what: 'it does not end with a newline, so istiod runs its last certificate and the first of ca.crt into one line and loses both',
        remedy:
          'renew the Certificate with an issuer that ends each PEM block with a newline, as those of mesh-ca-issuer do',
      },
    ],
  },
  {
    name: 'a key that everybody gets',
    data: { ...GOOD, 'tls.crt': pem(INT, SUB) + INT.privateKeyPem },
    findings: [
      {
        code: 'PrivateKeyPublished',
        where: 'Secret cacerts, tls.crt',
        what: 'it holds a private key, and istiod hands this entry to every workload',
        remedy: 'remove the key from this entry, and replace what it is the key of: it must count as known',
      },
    ],
  },
  {
    name: 'a key that is none',
    data: { ...GOOD, 'tls.key': pem(INT) },
    findings: [
      {
        code: 'KeyUnreadable',
        where: 'Secret cacerts, tls.key',
        what: 'its first PEM block is no private key that istiod reads',
        remedy:
          'keep one unencrypted key there, as RSA PRIVATE KEY, EC PRIVATE KEY or PRIVATE KEY, with no block before it',
      },
    ],
  },
  {
    name: 'another key',
    data: { ...GOOD, 'tls.key': SUB.privateKeyPem },
    findings: [
      {
        code: 'KeyMismatch',
        where: 'Secret cacerts, tls.key',
        what: 'it is not the key of the first certificate in tls.crt, and istiod takes neither',
        remedy: "put istiod's own CA first in tls.crt, or renew the Certificate so that both are written together",
      },
    ],
  },
  {
    name: 'no CA',
    data: tls([testLeaf(SUB, { extKeyUsage: [] }), SUB], [ROOT]),
    findings: [
      {
        code: 'NotACA',
        where: 'Secret cacerts, tls.crt',
        what: 'CN=Test Leaf is not a CA: istiod ends at its start, and a running one takes it and breaks the mesh',
        remedy: 'set isCA: true in the Certificate, and use an issuer that honours it',
      },
    ],
  },
  {
    name: 'a broken chain',
    data: tls([INT], [ROOT]),
    findings: [
      {
        code: 'ChainBroken',
        where: 'Secret cacerts',
        what: `the chain of istiod's CA does not reach a root in ca.crt, and istiod ends at its start with "certificate signed by unknown authority" (the chain is broken: no certificate given is the issuer "CN=Sub" that signed "CN=Int"; add it)`,
        remedy: "put every CA between istiod's own and the root into tls.crt, in this order, and the root into ca.crt",
      },
    ],
  },
  {
    name: 'a root that is none',
    data: tls([INT, SUB], [SUB]),
    findings: [
      {
        code: 'RootNotSelfSigned',
        where: 'Secret cacerts, ca.crt',
        what: 'it ends at CN=Sub, which is no self-signed root: workloads trust each other within this cluster, and refuse those of clusters below other CAs of the same root',
        remedy:
          'put the self-signed root into ca.crt, and the CAs below it into tls.crt; for a running mesh that is a change of roots, see "Replace a root"',
      },
    ],
  },
  {
    name: 'too old',
    data: tls([below(SUB, { notAfter: TEST_NOW - 1000 }), SUB], [ROOT]),
    findings: [
      {
        code: 'CertificateExpired',
        where: 'Secret cacerts',
        what: 'istiod does not load it: "CN=Int" expired on 2026-11-23T11:59:59.000Z',
        remedy: "renew what is out of date; where it is all in date, set this machine's or the PKI's clock",
      },
    ],
  },
  {
    name: 'too young',
    data: tls([below(SUB, { notBefore: TEST_NOW + 3_600_000 }), SUB], [ROOT]),
    findings: [
      {
        code: 'CertificateNotYetValid',
        where: 'Secret cacerts',
        what: 'istiod does not load it: "CN=Int" is valid only from 2026-11-23T13:00:00.000Z',
        remedy: "renew what is out of date; where it is all in date, set this machine's or the PKI's clock",
      },
    ],
  },
  {
    name: 'for clients only',
    data: tls([below(SUB, { extKeyUsage: [EKU.clientAuth] }), SUB], [ROOT]),
    findings: [
      {
        code: 'ChainUnusable',
        where: 'Secret cacerts',
        what: 'istiod does not load it: the extended key usages of CN=Int leave no room for servers',
        remedy: 'have the PKI issue the CA that is named without this fault, then renew the Certificate',
      },
    ],
  },
  {
    name: 'no room below',
    data: tls([below(NARROW, {}), NARROW], [ROOT]),
    findings: [
      {
        code: 'WorkloadRefused',
        where: 'Secret cacerts',
        what: 'istiod loads it, but peers would refuse a workload of trust domain cluster.local as server and as client: "CN=Sub" allows a path length of 0, and the number of CAs below it is 1',
        remedy:
          'have the PKI issue a CA without this limit, then renew the Certificate; an issuer with profile MeshCA proves this before it hands a CA over',
      },
      {
        code: 'IstiodRefused',
        where: 'Secret cacerts',
        what: `istiod loads it, but agents and webhooks would refuse istiod's own serving certificate: "CN=Sub" allows a path length of 0, and the number of CAs below it is 1`,
        remedy:
          'have the PKI issue a CA without this limit, then renew the Certificate; an issuer with profile MeshCA proves this before it hands a CA over',
      },
    ],
  },
  {
    name: 'an anchor that is no root',
    data: tls([INT, SUB], [SUB, ROOT]),
    findings: [
      {
        code: 'AnchorNotRoot',
        where: 'Secret cacerts, ca.crt',
        what: 'CN=Sub is no root, but stands among the roots and is trusted as one',
        remedy: 'leave only self-signed roots in ca.crt; the CAs between belong into tls.crt',
      },
    ],
  },
  {
    name: 'no identifiers',
    data: tls([below(SUB, { without: IDENTIFIERS }), SUB], [ROOT]),
    findings: [
      {
        code: 'IdentifierMissing',
        where: 'Secret cacerts, tls.crt',
        what: "istiod's CA has no subject key identifier and no authority key identifier; OpenSSL refuses it in strict mode, and without one tells two roots of one name apart by luck",
        remedy: 'have the PKI issue CAs with both identifiers (RFC 5280 4.2.1.1 and 4.2.1.2)',
      },
    ],
  },
  {
    name: 'roots of one name',
    data: tls([TWO], [testCa({ subject: 'CN=root', key: 'ECDSA-P384' }), ROOT]),
    findings: [
      {
        code: 'RootNamesCollide',
        where: 'Secret cacerts, ca.crt',
        what: 'two different roots carry the name CN=Root, and some TLS stacks pick the wrong one',
        remedy: 'give the new root a name of its own',
      },
    ],
  },
  {
    name: 'a root of the past',
    data: tls([INT, SUB], [ROOT, testCa({ subject: 'CN=Old', notAfter: TEST_NOW - 1000 })]),
    findings: [
      {
        code: 'RootOutOfDate',
        where: 'Secret cacerts, ca.crt',
        what: 'the root CN=Old is valid from 2026-11-22T12:00:00Z to 2026-11-23T11:59:59Z only, so nobody trusts it now',
        remedy: "remove it from the issuer's trust.additionalRoots, which is a step of its own: narrow the set",
      },
    ],
  },
  {
    name: 'a root that ends first',
    data: tls([below(SHORT, {})], [SHORT]),
    findings: [
      {
        code: 'ChainEndsFirst',
        where: 'Secret cacerts',
        what: "CN=Root ends at 2026-12-03T12:00:00Z, before istiod's CA below it (2027-02-21T12:00:00Z); istiod does not look at that, and from then on every handshake fails",
        remedy: 'renew the CA that ends first in the PKI, then renew the Certificate; a root is replaced step by step',
      },
    ],
  },
  {
    name: 'an end that is near',
    data: tls([below(SUB, { notAfter: TEST_NOW + 3_600_000 }), SUB], [ROOT]),
    findings: [
      {
        code: 'CAEndsSoon',
        where: 'Secret cacerts, tls.crt',
        what: "istiod's CA ends at 2026-11-23T13:00:00Z, in 1 hour; istiod shortens workload certificates (24 hours) to that, and proxies ask for new ones ever more often",
        remedy:
          'find out why it was not renewed (kubectl describe the Certificate and its CertificateRequest), then renew it',
      },
    ],
  },
  {
    name: 'a rare key',
    data: tls([below(SUB, { key: 'Ed25519' }), SUB], [ROOT]),
    findings: [
      {
        code: 'KeyKindUnusual',
        where: 'Secret cacerts, tls.crt',
        what: "istiod's CA has a key of kind Ed25519; istiod loads it, but not every proxy verifies its signatures",
        remedy: 'use ECDSA P-256 or P-384, or RSA from 2048 bits, in privateKey of the Certificate',
      },
    ],
  },
  {
    name: 'a root that signs',
    data: tls([ROOT], [ROOT]),
    findings: [
      {
        code: 'SelfSignedCA',
        where: 'Secret cacerts, tls.crt',
        what: "istiod's CA is itself the root, so no other cluster can share it without its key",
        remedy: 'give each cluster an intermediate below one root',
      },
    ],
  },
]

for (const { name, data, findings } of ROWS) {
  test(`words: ${name}`, () => {
    const told = judged(data).findings.map(({ severity, ...words }) => {
      assert.equal(severity, FINDINGS[words.code])
      return words
    })
    assert.deepEqual(told, findings)
  })
}
