import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '../lab/control-plane.ts'
import { startProgram } from '../lab/process.ts'
import { showProgress } from '../lab/progress.ts'
import { conformanceBinary } from './go-module.ts'
import { readReport, type SuiteResult } from './report.ts'

/** Name of a manifest in `issuers`, without its ending. */
export type Subject = 'issuer' | 'mesh-ca-issuer' | 'mesh-ca-cluster-issuer'

export interface SuiteOptions {
  readonly subject: Subject
  /** Also run the suite for Kubernetes CertificateSigningRequests. */
  readonly signingRequests: boolean
  /** Where the Secrets of cluster-scoped issuers are. Default `mesh-ca-issuer`. */
  readonly clusterResourceNamespace?: string
}

/** Runs cert-manager's conformance suites against a kind of issuer whose controller is running. */
export async function runSuite(controlPlane: ControlPlane, options: SuiteOptions): Promise<SuiteResult> {
  const { workspace } = controlPlane
  const { subject, signingRequests, clusterResourceNamespace = 'mesh-ca-issuer' } = options
  const progress = showProgress(process.stdout, "Building cert-manager's conformance suites,", 1)
  const command = await conformanceBinary(workspace.settings, progress)
  const report = join(workspace.folder, `conformance-${subject}.json`)
  const program = await startProgram(workspace, {
    name: `conformance-${subject}`,
    command,
    args: [
      `-conformance.kubeconfig=${controlPlane.kubeconfig('admin')}`,
      `-conformance.issuer=${join(import.meta.dirname, 'issuers', `${subject}.yaml`)}`,
      `-conformance.cluster-resource-namespace=${clusterResourceNamespace}`,
      `-conformance.signing-requests=${signingRequests}`,
      `-ginkgo.json-report=${report}`,
      '-ginkgo.no-color',
      '-ginkgo.timeout=6m',
    ],
  })
  const exit = await program.exited
  const json = await readFile(report, 'utf8').catch(() => undefined)
  if (json !== undefined) return readReport(json)
  throw new Error(
    `The suites ended (${exit.signal ?? `exit code ${exit.code}`}) without a report:\n${program.log.tail()}`,
  )
}
