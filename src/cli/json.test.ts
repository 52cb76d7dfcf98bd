import { test } from 'node:test'
import { examineCluster } from '../doctor/cluster.ts'
import { dryRun } from '../doctor/dry-run.ts'
import { examineFleet } from '../doctor/fleet.ts'
import { clusterStatus } from '../doctor/status.ts'
import { issuerHealth } from '../issuance/issuer-health.ts'
import { TEST_CSR, TEST_ROOT, testAuthority, testIssuer } from '../testing/builders.ts'
import { INT, judged, ROOT, SUB, tls } from '../testing/cacerts-rows.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { CLI_SHAPES } from '../testing/cli-shapes.ts'
import { read, testCertificateFacts, testClusterFacts, testReadyIssuer } from '../testing/doctor-facts.ts'
import { checkJson } from './check-text.ts'
import { doctorJson } from './doctor-text.ts'
import { statusJson } from './status-text.ts'
import { verifyJson } from './verify-text.ts'

/** As it is printed: what is undefined is not there. */
function printed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test('doctor', () => {
  const failed = { state: 'failed', message: 'away' } as const
  const broken = { certificates: read([testCertificateFacts({ spec: { isCA: false } })]) }
  const facts = [testClusterFacts(), testClusterFacts(broken), testClusterFacts({ certManager: failed })]
  const clusters = facts.map((one) => examineCluster(one, { workloadTtlMs: 86_400_000, now: TEST_NOW }))
  CLI_SHAPES.doctor.parse(printed(doctorJson({ clusters, fleet: examineFleet(clusters), now: TEST_NOW })))
})

test('status', () => {
  const issuers = {
    MeshCAIssuer: read([testReadyIssuer(), testIssuer()]),
    MeshCAClusterIssuer: { state: 'absent' },
  } as const
  const certificates = read([testCertificateFacts(), testCertificateFacts({ name: 'new', status: { notAfter: null } })])
  CLI_SHAPES.status.parse(printed(statusJson([clusterStatus({ cluster: 'east', issuers, certificates })])))
})

test('check', () => {
  const issuer = testIssuer()
  const fault = { part: 'AuthorityReady', reason: 'Away', message: 'the PKI is away' } as const
  for (const found of [
    { authority: testAuthority(TEST_ROOT), fault: undefined },
    { authority: undefined, fault },
  ]) {
    const rest = { spec: issuer.spec, generation: 1, declaredRoots: [], carried: [], now: TEST_NOW }
    const health = issuerHealth({ ...rest, ...found })
    const facts = { issuer, health, namespace: 'istio-system', now: TEST_NOW }
    const decision = dryRun({ ...facts, csr: TEST_CSR.csrPem, namespaceLabels: {} })
    CLI_SHAPES.check.parse(printed(checkJson({ ...facts, decision })))
  }
})

test('verify', () => {
  for (const data of [tls([INT, SUB], [ROOT]), tls([INT], [ROOT]), {}]) {
    const report = judged(data)
    CLI_SHAPES.verify.parse(printed(verifyJson(report, 'Secret cacerts')))
  }
})
