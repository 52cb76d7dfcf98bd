import { type Controller, startController } from '../harness/controller.ts'
import { installMeshCA } from '../harness/install.ts'
import { namespace } from '../harness/objects.ts'
import { startCertManager } from '../lab/cert-manager.ts'
import { type ControlPlane, startControlPlane } from '../lab/control-plane.ts'
import type { Kube } from '../lab/kube.ts'
import { type Secret, secretText } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'
import type { Workspace } from '../lab/workspace.ts'

/** Namespace of istiod, of its CA and of the issuer that signs it. */
export const PLACE = 'istio-system'
/** Name of the Certificate of istiod's CA and of its Secret. */
export const CACERTS = 'cacerts'
/** Name of the issuer. */
export const ISSUER = 'mesh'

export const CACERTS_CERTIFICATE = reference('cert-manager.io/v1', 'Certificate', CACERTS)
export const MESH_ISSUER = reference('meshca.dev/v1alpha1', 'MeshCAIssuer', ISSUER)

/** One cluster of a mesh: a control plane with cert-manager, and our controller under its own rights. */
export interface MeshCluster {
  readonly name: string
  /** Client of the administrator. */
  readonly kube: Kube
  readonly controlPlane: ControlPlane
  readonly controller: Controller
}

/** Starts a cluster with all that is needed before a first Certificate; it is stopped with the workspace. */
export async function startMeshCluster(workspace: Workspace, name: string): Promise<MeshCluster> {
  const controlPlane = await startControlPlane(workspace, { name })
  const kube = controlPlane.admin
  const install = async (): Promise<void> => {
    await installMeshCA(kube)
    await kube.apply(namespace(PLACE))
  }
  await Promise.all([startCertManager(controlPlane), install()])
  const controller = await startController(controlPlane)
  await controller.ready()
  return { name, kube, controlPlane, controller }
}

/** Values of a Secret with a CA, as text. */
export interface Cacerts {
  readonly certificate: string
  readonly key: string
  readonly roots: string
}

/** Reads a Secret of namespace istio-system. */
export async function readCacerts(kube: Kube, name = CACERTS): Promise<Cacerts> {
  const secret = await kube.get<Secret>(reference('v1', 'Secret', name))
  const text = (key: string): string => secretText(secret, key) ?? ''
  return { certificate: text('tls.crt'), key: text('tls.key'), roots: text('ca.crt') }
}

/** Something in namespace istio-system. */
export function reference(apiVersion: string, kind: string, name: string): Reference & { readonly namespace: string } {
  return { apiVersion, kind, namespace: PLACE, name }
}
