import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startController } from '../harness/controller.ts'
import { installMeshCA } from '../harness/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { describeFailures, type SuiteResult } from './report.ts'
import { runSuite, type Subject } from './suite.ts'

/** What must pass: how many specs of upstream's suite for Certificates, and of the one for Kubernetes CSRs. */
interface Row {
  readonly subject: Subject
  readonly kind: string
  readonly certificates: number
  readonly signingRequests: number
}

const ROWS: readonly Row[] = [
  { subject: 'issuer', kind: 'Issuer', certificates: 25, signingRequests: 18 },
  { subject: 'mesh-ca-issuer', kind: 'MeshCAIssuer', certificates: 25, signingRequests: 0 },
  { subject: 'mesh-ca-cluster-issuer', kind: 'MeshCAClusterIssuer', certificates: 25, signingRequests: 18 },
]

// The suite of release 1.11 asks for a Gateway API that no API server of today serves.
const GATEWAY = 'Creating a Gateway with annotations for issuerRef and other Certificate fields'

describe("cert-manager's conformance suites", { concurrency: true }, () => {
  let lab: Lab

  before(async () => {
    lab = await startLab({ name: 'conformance' })
    await installMeshCA(lab.kube)
    const controller = await startController(lab.controlPlane)
    await controller.ready()
  })

  after(() => lab.stop())

  for (const { subject, kind, certificates, signingRequests } of ROWS) {
    it(`pass for ${kind}: ${certificates} specs for Certificates, ${signingRequests} for Kubernetes CSRs`, async () => {
      const result = await runSuite(lab.controlPlane, { subject, signingRequests: signingRequests > 0 })
      assert.equal(describeFailures(result), '')
      assert.deepEqual(summaryOf(result, kind), {
        certificates,
        signingRequests,
        skipped: [`with issuer type ${kind}: ${GATEWAY}`],
      })
    })
  }
})

function summaryOf({ passed, skipped }: SuiteResult, kind: string): object {
  const suite = (start: string): number => passed.filter((name) => name.startsWith(`${start} ${kind}: `)).length
  const certificates = suite('with issuer type')
  const signingRequests = suite('CertificateSigningRequest with issuer type')
  // Every spec must be of one of the two suites.
  assert.equal(certificates + signingRequests, passed.length)
  return { certificates, signingRequests, skipped }
}
