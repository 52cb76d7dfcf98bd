import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { CACERTS, ISSUER, PLACE, startMeshCluster } from '../stories/mesh-cluster.ts'
import { type Mesh, startMesh } from '../stories/mesh-istiod.ts'
import { type CommandLine, commandLine } from './fleet.ts'

/** Two clusters that are set up right, each below a root of its own, and a command line that knows both. */
export interface TwoMeshes extends CommandLine {
  readonly workspace: Workspace
  readonly east: Mesh
  readonly west: Mesh
}

/** Starts both; the kubeconfig has the contexts `east`, `west`, `east-developer` and `west-developer`. */
export async function startTwoMeshes(): Promise<TwoMeshes> {
  const workspace = await openWorkspace('cli')
  try {
    const [root, other] = [
      await createAuthority({ commonName: 'Root' }),
      await createAuthority({ commonName: 'Other' }),
    ]
    const [east, west] = await Promise.all([startOne(workspace, 'east', root), startOne(workspace, 'west', other)])
    const planes = [east.cluster.controlPlane, west.cluster.controlPlane]
    return { workspace, east, west, ...(await commandLine(workspace, planes, ['developer'])) }
  } catch (error) {
    await workspace.stop()
    throw error
  }
}

async function startOne(workspace: Workspace, name: string, root: Authority): Promise<Mesh> {
  const cluster = await startMeshCluster(workspace, name)
  const { kube } = cluster
  const spec = { ca: { secretRef: { name: 'root-ca' } } }
  await kube.apply(caSecret(PLACE, 'root-ca', root))
  await kube.apply(caSecret('mesh-ca-issuer', 'root-ca', root))
  await kube.apply(issuer({ namespace: PLACE, name: ISSUER, spec }))
  await kube.apply(issuer({ name: ISSUER, spec: { ...spec, allowedNamespaces: { selector: {} } } }))
  await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
  return startMesh(cluster)
}
