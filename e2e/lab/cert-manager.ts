import { join } from 'node:path'
import { certManagerRbac } from './cert-manager-rbac.ts'
import type { ControlPlane } from './control-plane.ts'
import { installCrds } from './crds.ts'
import { builtModule } from './go-cache.ts'
import { CERT_MANAGER } from './go-modules.ts'
import { type Program, startProgram } from './process.ts'
import { startWebhook } from './webhook.ts'

const READY_WITHIN_MS = 60_000

export interface CertManagerOptions {
  /** Run and register the webhook, without which nothing guards approval. Default true. */
  readonly webhook?: boolean
  /** First wait of a Certificate after a failed request; cert-manager's default is one hour, 0 means none. */
  readonly minimumBackoffMs?: number
  /** `Name=true,…`; the gate for controllers of Kubernetes CSRs needs none here, they always run. */
  readonly featureGates?: string
}

/** Running cert-manager. */
export interface CertManager {
  readonly controller: () => Program
  readonly webhook: Program | undefined
  /** Stops the controllers; objects stay. */
  readonly stopController: () => Promise<void>
  /** Starts the controllers again and waits until their caches are filled. */
  readonly startController: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Installs cert-manager's CRDs and rights, starts its webhook and its controllers, and waits until they run. */
export async function startCertManager(
  controlPlane: ControlPlane,
  options: CertManagerOptions = {},
): Promise<CertManager> {
  const folder = await builtModule(CERT_MANAGER, controlPlane.workspace.settings)
  const { admin } = controlPlane
  const [namespace, ...rights] = certManagerRbac()
  if (namespace !== undefined) await admin.apply(namespace)
  await Promise.all([installCrds(admin, join(folder, 'crds')), ...rights.map((right) => admin.apply(right))])
  const webhook =
    options.webhook === false
      ? undefined
      : await startWebhook(controlPlane, join(folder, 'bin', 'cert-manager-webhook'))
  const start = (): Promise<Program> => startController(controlPlane, join(folder, 'bin'), options)
  let controller = await start()
  return {
    controller: () => controller,
    webhook,
    stopController: () => controller.stop(),
    startController: async () => {
      if (!controller.running()) controller = await start()
    },
    stop: async () => {
      await Promise.all([controller.stop(), webhook?.stop()])
    },
  }
}

async function startController(controlPlane: ControlPlane, bin: string, options: CertManagerOptions): Promise<Program> {
  const { minimumBackoffMs, featureGates } = options
  const program = await startProgram(controlPlane.workspace, {
    name: `${controlPlane.name}-cert-manager`,
    command: join(bin, 'cert-manager-controller'),
    args: [
      `-api-server-kubeconfig=${controlPlane.kubeconfig('cert-manager')}`,
      ...(minimumBackoffMs === undefined
        ? []
        : [`-certificate-request-minimum-backoff-duration=${minimumBackoffMs}ms`]),
      ...(featureGates === undefined ? [] : [`-feature-gates=${featureGates}`]),
    ],
  })
  const running = program.log.waitFor(/cert-manager controllers are running/, { timeoutMs: READY_WITHIN_MS })
  await program.whileRunning(running)
  return program
}
