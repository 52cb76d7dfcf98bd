import { KubeConfig } from '@kubernetes/client-node'
import { startControllerAs } from '../harness/controller.ts'
import { type Kube, openKube } from '../lab/kube.ts'
import type { Cluster } from '../lab/kubeconfig.ts'
import { openWorkspace } from '../lab/workspace.ts'

/** A cluster that is there already, reached with the caller's KUBECONFIG. */
export interface ExternalCluster {
  readonly context: string
  readonly kube: Kube
  /** Runs the controller on this machine with the same kubeconfig. */
  readonly startController: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the cluster of a context, or of the current one. */
export async function openExternal(context: string | undefined): Promise<ExternalCluster> {
  const config = new KubeConfig()
  config.loadFromDefault()
  if (context !== undefined) config.setCurrentContext(context)
  const name = config.getCurrentContext()
  const kube = openKube(await clusterOf(config))
  const workspace = await openWorkspace('demo')
  return {
    context: name,
    kube,
    startController: async () => {
      const kubeconfig = process.env.KUBECONFIG ?? ''
      const controller = await startControllerAs(
        { workspace, name: 'demo', kubeconfig },
        { args: [`--context=${name}`] },
      )
      await controller.ready()
    },
    close: async () => {
      await workspace.stop()
      await kube.close()
    },
  }
}

async function clusterOf(config: KubeConfig): Promise<Cluster> {
  const server = config.getCurrentCluster()?.server
  if (server === undefined)
    throw new Error('KUBECONFIG names no cluster for this context: give another one with --context NAME.')
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, headers } = options
  const authorization = headers !== undefined && !Array.isArray(headers) ? String(headers.Authorization ?? '') : ''
  const identity = cert && key ? { clientCertificate: { certificatePem: String(cert), keyPem: String(key) } } : {}
  return { server, caPem: String(ca ?? ''), token: authorization.replace(/^Bearer /, ''), ...identity }
}
