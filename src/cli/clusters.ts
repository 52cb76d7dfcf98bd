import { type ApiClient, connect } from '../cluster/client.ts'
import { KubeConfigError, loadKubeConfig } from '../cluster/kube-config.ts'
import { readSettings } from '../settings.ts'
import { UsageError } from './exit.ts'

/** A cluster that commands read from, with the caller's own rights. */
export interface Cluster {
  /** The context, for people. */
  readonly name: string
  readonly client: ApiClient
}

/**
 * Opens the clusters of these contexts, the kubeconfig's current one where none is named, and closes them behind the work.
 * Nothing is sent before the work does.
 * @throws UsageError where the kubeconfig cannot be used
 */
export async function withClusters<T>(
  contexts: readonly string[],
  monotonic: () => number,
  work: (clusters: readonly Cluster[]) => Promise<T>,
): Promise<T> {
  const wanted: readonly (string | undefined)[] = contexts.length === 0 ? [undefined] : [...new Set(contexts)]
  const clusters = wanted.map((context) => open(context, monotonic))
  try {
    return await work(clusters)
  } finally {
    await Promise.all(clusters.map(({ client }) => client.close()))
  }
}

/** The same for the one cluster of a context, or of the current one. */
export function withCluster<T>(
  context: string | undefined,
  monotonic: () => number,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = open(context, monotonic)
  return work(cluster).finally(() => cluster.client.close())
}

function open(context: string | undefined, monotonic: () => number): Cluster {
  const settings = readSettings({ context })
  try {
    const config = loadKubeConfig(settings.kubeconfig, settings.context)
    return { name: config.getCurrentContext() || 'in-cluster', client: connect(config, monotonic) }
  } catch (error) {
    if (error instanceof KubeConfigError) throw new UsageError(error.message)
    throw error
  }
}
