import { type CertManager, type CertManagerOptions, startCertManager } from './cert-manager.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import type { Kube } from './kube.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

export interface LabOptions {
  /** Part of the folder's name, for whoever looks at it. Default `test`. */
  readonly name?: string
  /** Audit log of the API server. */
  readonly audit?: boolean
  /** cert-manager's options, or false to start none. Default: with webhook. */
  readonly certManager?: CertManagerOptions | false
}

/** A control plane with cert-manager; more can be started in its workspace. */
export interface Lab {
  readonly workspace: Workspace
  readonly controlPlane: ControlPlane
  /** Client of the administrator. */
  readonly kube: Kube
  readonly certManager: CertManager | undefined
  /** Stops everything that was started in the workspace and removes its folder. */
  readonly stop: () => Promise<void>
}

/** Starts a lab; when a part does not start, what had started is stopped again. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { name = 'test', audit = false, certManager = {} } = options
  const workspace = await openWorkspace(name)
  try {
    const controlPlane = await startControlPlane(workspace, { audit })
    const running = certManager === false ? undefined : await startCertManager(controlPlane, certManager)
    return { workspace, controlPlane, kube: controlPlane.admin, certManager: running, stop: workspace.stop }
  } catch (error) {
    await workspace.stop()
    throw error
  }
}
