import pLimit from 'p-limit'
import { installMeshCA } from '../harness/install.ts'
import { caSecret, issuer } from '../harness/objects.ts'
import { type Kube, openKube } from '../lab/kube.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { createAuthority } from '../lab/pki.ts'
import { NAMESPACE, newCsr, type ReadyAnswer } from './requests.ts'

/** The cluster that everything is measured in. */
export interface BenchCluster {
  readonly lab: Lab
  /** The administrator, who creates and approves. */
  readonly admin: Kube
  /** A client with the controller's rights, on connections of its own. */
  readonly answerer: Kube
  /** PEM of certificate requests, each with a key of its own. */
  readonly csrs: readonly string[]
  readonly answer: ReadyAnswer
}

/**
 * Starts a control plane with cert-manager's webhook, which has its say about every write, and one MeshCAIssuer.
 * cert-manager's controllers are stopped: they would approve each request before its time.
 */
export async function startBenchCluster(requests: number): Promise<BenchCluster> {
  const lab = await startLab({ name: 'bench' })
  try {
    await lab.certManager?.stopController()
    await installMeshCA(lab.kube)
    await lab.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    const root = await createAuthority({ commonName: 'bench root' })
    await lab.kube.apply(caSecret(NAMESPACE, 'bench', root))
    const spec = { ca: { secretRef: { name: 'bench' } } }
    await lab.kube.apply(issuer({ namespace: NAMESPACE, name: 'bench', spec }))
    const intermediate = await createAuthority({ commonName: 'bench intermediate', parent: root, pathLength: 0 })
    const answerer = openKube(lab.controlPlane.clusterOf('mesh-ca-issuer'))
    lab.workspace.defer(answerer.close)
    const csrs: string[] = []
    for (let index = 0; index < requests; index += 1) csrs.push(await newCsr(`certificate-${index}`))
    const answer = { certificate: intermediate.chainPem, ca: intermediate.rootPem }
    return { lab, admin: lab.kube, answerer, csrs, answer }
  } catch (error) {
    await lab.stop()
    throw error
  }
}

/** Fills the cluster with Secrets as large as a certificate's. */
export async function createSecrets({ admin, answer }: BenchCluster, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `secret-${index}`)
  const data = { 'tls.crt': answer.certificate, 'ca.crt': answer.ca, 'tls.key': answer.certificate }
  await pLimit(16).map(names, (name) =>
    admin.create({
      ...{ stringData: data, type: 'kubernetes.io/tls' },
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name },
    }),
  )
}
