import { type Istiod, RELOADED, startIstiod } from '../lab/istiod.ts'
import type { KubeObject, Secret } from '../lab/kube-objects.ts'
import { projectSecret } from '../lab/projector.ts'
import { certificateReady, renew } from '../lab/requests.ts'
import { requestWorkloadCertificate, type WorkloadIdentity, workloadToken } from '../lab/workload.ts'
import { CACERTS, CACERTS_CERTIFICATE, type MeshCluster, PLACE, readCacerts, reference } from './mesh-cluster.ts'

/** Namespace of the workloads. */
const WORKLOADS = 'default'
/** Where istiod publishes its roots for agents. */
const ROOTS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: WORKLOADS, name: 'istio-ca-root-cert' }
const ROOTS_KEY = 'root-cert.pem'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** How long a renewal took, in milliseconds from the wish for it. */
export interface Renewal {
  /** Until the new Secret was there. */
  readonly storedMs: number
  /** Until istiod signed with it. */
  readonly servedMs: number
}

/** A running istiod that reads the Secret cacerts of its cluster as a kubelet would show it. */
export interface Mesh {
  readonly cluster: MeshCluster
  readonly istiod: Istiod
  /** Has istiod sign a workload's certificate; the caller trusts what istiod publishes in its namespace. */
  readonly workload: (serviceAccount: string) => Promise<WorkloadIdentity>
  /** Renews the Certificate and resolves once istiod signs with the new CA and publishes the roots in `ca.crt`. */
  readonly renew: () => Promise<Renewal>
}

/** Starts istiod once the Certificate is there. */
export async function startMesh(cluster: MeshCluster, multiRoot = false): Promise<Mesh> {
  const { kube, controlPlane } = cluster
  const { workspace } = controlPlane
  await certificateReady(kube, CACERTS_CERTIFICATE)
  const folder = await workspace.subfolder(`${cluster.name}/cacerts`)
  const projector = projectSecret(kube, { namespace: PLACE, name: CACERTS, folder })
  workspace.defer(projector.stop)
  await projector.first
  const istiod = await startIstiod(controlPlane, { cacertsFolder: folder, multiRoot })
  await istiod.waitReady()
  const workload = (serviceAccount: string): Promise<WorkloadIdentity> => signWorkload(cluster, istiod, serviceAccount)
  await publishes(cluster)
  return {
    cluster,
    istiod,
    workload,
    renew: async () => {
      const begin = performance.now()
      const { log } = istiod.program
      const from = log.position()
      await renew(kube, CACERTS_CERTIFICATE)
      const storedMs = performance.now() - begin
      const secret = await kube.get<Secret>(reference('v1', 'Secret', CACERTS))
      await projector.synced(secret.metadata.resourceVersion ?? '')
      await signsWithNew(cluster, istiod, from)
      const servedMs = performance.now() - begin
      await publishes(cluster)
      return { storedMs, servedMs }
    },
  }
}

async function signWorkload({ kube }: MeshCluster, istiod: Istiod, serviceAccount: string): Promise<WorkloadIdentity> {
  const token = await workloadToken(kube, WORKLOADS, serviceAccount)
  const roots = await kube.get<ConfigMap>(ROOTS)
  return requestWorkloadCertificate({
    secureAddress: istiod.secureAddress,
    token,
    trustPem: roots.data?.[ROOTS_KEY] ?? '',
    namespace: WORKLOADS,
    serviceAccount,
  })
}

/** istiod logs a reload also where a write to the Secret changed nothing, so what it signs is looked at too. */
async function signsWithNew(cluster: MeshCluster, istiod: Istiod, from: number): Promise<void> {
  const { log } = istiod.program
  const { certificate } = await readCacerts(cluster.kube)
  for (let position = from; ; ) {
    await log.waitFor(RELOADED, { from: position })
    position = log.position()
    const { chain } = await signWorkload(cluster, istiod, 'probe')
    if (chain[1] !== undefined && certificate.startsWith(chain[1].trim())) return
  }
}

async function publishes({ kube }: MeshCluster): Promise<void> {
  const { roots } = await readCacerts(kube)
  await kube.waitFor<ConfigMap>(ROOTS, ({ data }) => data?.[ROOTS_KEY] === roots)
}
