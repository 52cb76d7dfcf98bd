import { type Controller, startController } from '../harness/controller.ts'
import { installMeshCA } from '../harness/install.ts'
import { namespace } from '../harness/objects.ts'
import { AWS_USER } from '../lab/acm-pca.ts'
import { startCertManager } from '../lab/cert-manager.ts'
import { startControlPlane } from '../lab/control-plane.ts'
import type { Workspace } from '../lab/workspace.ts'
import { type MeshCluster, PLACE } from './mesh-cluster.ts'
import { AWS_ARGS, keysSecret } from './support-aws.ts'

/** A cluster of a mesh whose controller takes http:// endpoints, with AWS access keys in istiod's namespace. */
export async function startAwsCluster(workspace: Workspace, name: string): Promise<MeshCluster> {
  const controlPlane = await startControlPlane(workspace, { name })
  const kube = controlPlane.admin
  const install = async (): Promise<void> => {
    await installMeshCA(kube)
    await kube.apply(namespace(PLACE))
    await kube.apply(keysSecret(PLACE, AWS_USER))
  }
  await Promise.all([startCertManager(controlPlane), install()])
  const controller: Controller = await startController(controlPlane, { args: AWS_ARGS })
  await controller.ready()
  return { name, kube, controlPlane, controller }
}
