import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examineCluster } from '../doctor/cluster.ts'
import type { ClusterFacts } from '../doctor/facts.ts'
import { examineFleet } from '../doctor/fleet.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { cacertsData, DOCTOR_ROOT, read, testCertificateFacts, testClusterFacts } from '../testing/doctor-facts.ts'
import { doctorText } from './doctor-text.ts'

const NEXT = testCa({ subject: 'CN=Next Root' })

function told(...changes: readonly Partial<ClusterFacts>[]): string {
  const facts = changes.map((change) => testClusterFacts(change))
  const clusters = facts.map((one) => examineCluster(one, { workloadTtlMs: 86_400_000, now: TEST_NOW }))
  const text = doctorText({ clusters, fleet: examineFleet(clusters), now: TEST_NOW })
  // Signatures are made at random, and fingerprints with them.
  const [own, next] = [DOCTOR_ROOT, NEXT].map(({ certificate }) => certificate.fingerprint.slice(0, 16))
  return text.replaceAll(own ?? '', '1111111111111111').replaceAll(next ?? '', '2222222222222222')
}

test('one cluster with nothing wrong', () => {
  assert.equal(
    told({}),
    `east, namespace istio-system: no findings
  istiod's CA  CN=istiod.east, ends 2027-02-21 12:00 (in 90 days)
  root         CN=Mesh Root, sha256 1111111111111111
  Certificate  cacerts, next renewal 2027-01-21 12:00
  issuers      1 of 1 ready
`,
  )
})

test('two clusters that do not trust each other, and one that does not answer', () => {
  const certificates = read([testCertificateFacts({ spec: { renewBefore: '1h' } })])
  const west = cacertsData(testIntermediate(NEXT, { subject: 'CN=istiod.west' }), NEXT)
  assert.equal(
    told(
      { certificates },
      {
        cluster: 'west',
        cacerts: read({ type: 'kubernetes.io/tls', data: west }),
        published: read(NEXT.certificatePem),
      },
      { cluster: 'north', certManager: { state: 'failed', message: 'the API server did not answer in time' } },
    ),
    `east, namespace istio-system: 1 problem
  istiod's CA  CN=istiod.east, ends 2027-02-21 12:00 (in 90 days)
  root         CN=Mesh Root, sha256 1111111111111111
  Certificate  cacerts, next renewal 2027-01-21 12:00
  issuers      1 of 1 ready

PROBLEM  RenewsTooLate  Certificate istio-system/cacerts, spec.renewBefore
         The CA is renewed 1 hour before its end, while certificates of up to 24h0m0s are signed
         below it: istiod shortens them, and a PKI that is away for that long stops the mesh.
         Remedy: set a renewBefore of at least 24h0m0s, better a third of a duration such as 2160h.

west, namespace istio-system: no findings
  istiod's CA  CN=istiod.west, ends 2027-02-21 12:00 (in 90 days)
  root         CN=Next Root, sha256 2222222222222222
  Certificate  cacerts, next renewal 2027-01-21 12:00
  issuers      1 of 1 ready

north, namespace istio-system: 1 problem

PROBLEM  ClusterUnreachable  north
         The API server did not answer in time.
         Remedy: see that the context of the kubeconfig is right and its credentials are good
         (kubectl get ns).

All clusters together

PROBLEM  RootsDiffer  east
         Its workloads refuse those of west (root 2222222222222222): it trusts 1111111111111111
         only.
         Remedy: have the issuers of all clusters use CAs below one root; to bring meshes together
         step by step, publish both roots in all clusters first (trust.additionalRoots).

PROBLEM  RootsDiffer  west
         Its workloads refuse those of east (root 1111111111111111): it trusts 2222222222222222
         only.
         Remedy: have the issuers of all clusters use CAs below one root; to bring meshes together
         step by step, publish both roots in all clusters first (trust.additionalRoots).

4 problems
`,
  )
})

test('a fleet under one root, as far as it is seen', () => {
  const all = told({}, { cluster: 'west' })
  assert.match(all, /\nAll clusters together\n {2}roots {8}every cluster trusts every other\n\nno findings\n$/)
  const partly = told({}, { cluster: 'west', cacerts: { state: 'forbidden', right: 'get secrets' } })
  assert.match(partly, /\nAll clusters together\n {2}roots {8}only known of 1 of 2 clusters\n/)
})
