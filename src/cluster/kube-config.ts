import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/** A kubeconfig that cannot be used; the message says what to set. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError'
}

/** What client-node answers with when it found nothing at all. */
const NOTHING_FOUND = 'http://localhost:8080'

/**
 * Finds the API server: the files in `path` (as in KUBECONFIG, the first current context counts), else
 * `~/.kube/config`, else the in-cluster account.
 * @throws KubeConfigError
 */
export function loadKubeConfig(path: string | undefined, context?: string): KubeConfig {
  const config = read(path)
  if (context !== undefined) config.setCurrentContext(context)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new KubeConfigError(noCluster(config.getCurrentContext()))
  const { server, skipTLSVerify, proxyUrl } = cluster
  if (path === undefined && server === NOTHING_FOUND)
    throw new KubeConfigError(
      'no API server is known here; set KUBECONFIG, or run in a pod with a ServiceAccount token',
    )
  if (!URL.canParse(server))
    throw new KubeConfigError('the server of the kubeconfig is not a URL such as https://host:6443')
  if (new URL(server).protocol === 'http:' && skipTLSVerify !== true)
    throw new KubeConfigError(
      'the server of the kubeconfig is http://, which would send the token in the clear; use https://',
    )
  if (!/^(https?:|$)/.test(proxyUrl ?? ''))
    throw new KubeConfigError('the proxy of the kubeconfig must be http:// or https://; other kinds are not supported')
  return config
}

function read(path: string | undefined): KubeConfig {
  const config = new KubeConfig()
  const files = path?.split(delimiter).filter((file) => file !== '') ?? []
  try {
    if (files.length === 0) config.loadFromDefault()
    for (const file of existing(files)) addFile(config, file)
  } catch (error) {
    // Messages of the YAML reader quote the file, which holds tokens.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new KubeConfigError(`the kubeconfig cannot be read${code}; check KUBECONFIG`)
  }
  return config
}

/** Of several files those that are not there are passed over, as kubectl does it (k8s.io/client-go tools/clientcmd/loader.go). */
function existing(files: readonly string[]): readonly string[] {
  const found = files.filter((file) => existsSync(file))
  return found.length === 0 ? files : found
}

function addFile(config: KubeConfig, file: string): void {
  const read = new KubeConfig()
  read.loadFromFile(file)
  const hasCurrent = (config.getCurrentContext() ?? '') !== ''
  config.mergeConfig(read, hasCurrent)
}

function noCluster(context: string | undefined): string {
  return context === undefined || context === ''
    ? 'the kubeconfig has no current context; choose one with --context'
    : `the kubeconfig has no context ${context} with a cluster; choose another with --context`
}
