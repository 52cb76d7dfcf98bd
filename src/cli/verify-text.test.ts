import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeCacerts } from '../doctor/cacerts.ts'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { verifyText } from './verify-text.ts'

const ROOT = testCa({ subject: 'CN=Mesh Root,O=Example' })
const NEXT = testCa({ subject: 'CN=Mesh Root 2,O=Example' })
const GOOD = testIntermediate(ROOT, { subject: 'CN=istiod.cluster-1' })
const SUB = testIntermediate(ROOT, { subject: 'CN=Regional CA', pathLength: 0 })
const BAD = testIntermediate(SUB, { subject: 'CN=istiod.cluster-1', pathLength: null, key: 'Ed25519' })

function told(chain: readonly TestCertificate[], roots: readonly TestCertificate[]): string {
  const pem = (certificates: readonly TestCertificate[]): string =>
    certificates.map((one) => one.certificatePem).join('')
  const data = { 'tls.crt': pem(chain), 'tls.key': chain[0]?.privateKeyPem ?? '', 'ca.crt': pem(roots) }
  const mesh = { trustDomain: 'cluster.local', namespace: 'istio-system', revisions: [], extraDNSNames: [] }
  const where = 'Secret istio-system/cacerts'
  const report = judgeCacerts({ data, withKey: true, where, mesh, workloadTtlMs: 86_400_000, now: TEST_NOW })
  // Signatures are made at random, and fingerprints with them.
  return verifyText(report, where, TEST_NOW).replaceAll(/sha256 [0-9a-f]{16}/g, 'sha256 0123456789abcdef')
}

test('a good CA', () => {
  assert.equal(
    told([GOOD], [ROOT, NEXT]),
    `Secret istio-system/cacerts, with cert-manager's names

  CA           CN=istiod.cluster-1
               ECDSA P-256, CA of path length 0, sha256 0123456789abcdef
               2026-11-22 12:00 to 2027-02-21 12:00 UTC, ends in 90 days
  root         CN=Mesh Root,O=Example, sha256 0123456789abcdef, ends 2036-11-20 12:00
  trusted too  CN=Mesh Root 2,O=Example, sha256 0123456789abcdef

  an istiod that starts now               loads it
  a workload's certificate, as server     is accepted
  a workload's certificate, as client     is accepted
  istiod's own serving certificate        is accepted

no findings
`,
  )
})

test('one that istiod loads and that breaks the mesh', () => {
  assert.equal(
    told([BAD, SUB], [ROOT]),
    `Secret istio-system/cacerts, with cert-manager's names

  CA           CN=istiod.cluster-1
               Ed25519, CA without a path length, sha256 0123456789abcdef
               2026-11-22 12:00 to 2027-02-21 12:00 UTC, ends in 90 days
  below        CN=Regional CA, ends 2027-02-21 12:00
  root         CN=Mesh Root,O=Example, sha256 0123456789abcdef, ends 2036-11-20 12:00

  an istiod that starts now               loads it
  a workload's certificate, as server     IS REFUSED
  a workload's certificate, as client     IS REFUSED
  istiod's own serving certificate        IS REFUSED

PROBLEM  WorkloadRefused  Secret istio-system/cacerts
         istiod loads it, but peers would refuse a workload of trust domain cluster.local as server
         and as client: "CN=Regional CA" allows a path length of 0, and the number of CAs below it
         is 1.
         Remedy: have the PKI issue a CA without this limit, then renew the Certificate; an issuer
         with profile MeshCA proves this before it hands a CA over.

PROBLEM  IstiodRefused  Secret istio-system/cacerts
         istiod loads it, but agents and webhooks would refuse istiod's own serving certificate:
         "CN=Regional CA" allows a path length of 0, and the number of CAs below it is 1.
         Remedy: have the PKI issue a CA without this limit, then renew the Certificate; an issuer
         with profile MeshCA proves this before it hands a CA over.

WARNING  KeyKindUnusual  Secret istio-system/cacerts, tls.crt
         istiod's CA has a key of kind Ed25519; istiod loads it, but not every proxy verifies its
         signatures.
         Remedy: use ECDSA P-256 or P-384, or RSA from 2048 bits, in privateKey of the Certificate.

2 problems, 1 warning
`,
  )
})

test('one that istiod does not load', () => {
  assert.equal(
    told([GOOD], [NEXT]),
    `Secret istio-system/cacerts, with cert-manager's names

  CA           CN=istiod.cluster-1
               ECDSA P-256, CA of path length 0, sha256 0123456789abcdef
               2026-11-22 12:00 to 2027-02-21 12:00 UTC, ends in 90 days
  trusted too  CN=Mesh Root 2,O=Example, sha256 0123456789abcdef

  an istiod that starts now               DOES NOT LOAD IT
  a workload's certificate, as server     not reached
  a workload's certificate, as client     not reached
  istiod's own serving certificate        not reached

PROBLEM  ChainBroken  Secret istio-system/cacerts
         The chain of istiod's CA does not reach a root in ca.crt, and istiod ends at its start with
         "certificate signed by unknown authority" (the chain is broken: no certificate given is the
         issuer "CN=Mesh Root,O=Example" that signed "CN=istiod.cluster-1"; add it).
         Remedy: put every CA between istiod's own and the root into tls.crt, in this order, and the
         root into ca.crt.

1 problem
`,
  )
})
