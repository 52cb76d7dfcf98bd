import { type Controller, type ControllerOptions, startController } from '../harness/controller.ts'
import { installMeshCA } from '../harness/install.ts'
import { namespace } from '../harness/objects.ts'
import type { Kube } from '../lab/kube.ts'
import { type Lab, type LabOptions, startLab } from '../lab/lab.ts'

export interface SceneOptions {
  readonly name: string
  readonly namespaces?: readonly string[]
  readonly lab?: Omit<LabOptions, 'name'>
  readonly controller?: ControllerOptions
  /** False: config/rbac alone is installed. */
  readonly crds?: boolean
}

/** A lab with cert-manager and our parts installed, and our controller running. */
export interface Scene {
  readonly lab: Lab
  /** Client of the administrator. */
  readonly kube: Kube
  readonly controller: Controller
  readonly stop: () => Promise<void>
}

/** Opens a scene with a controller that is ready, or, without CRDs, one that waits for them. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const { lab, kube, stop } = await openStage(options)
  try {
    const controller = await startController(lab.controlPlane, options.controller)
    if (options.crds !== false) await controller.ready()
    return { lab, kube, controller, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export type Stage = Omit<Scene, 'controller'>

/** As a scene, without a controller. */
export async function openStage({
  name,
  namespaces = [],
  lab: options = {},
  crds = true,
}: SceneOptions): Promise<Stage> {
  const lab = await startLab({ name, ...options })
  try {
    await installMeshCA(lab.kube, { crds })
    await Promise.all(namespaces.map((one) => lab.kube.apply(namespace(one))))
    return { lab, kube: lab.kube, stop: lab.stop }
  } catch (error) {
    await lab.stop()
    throw error
  }
}
