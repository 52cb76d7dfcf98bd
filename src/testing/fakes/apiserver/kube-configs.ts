import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

export interface TestUser {
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
}

export interface TestCluster {
  readonly url: string
  readonly caFile?: string
  readonly proxyUrl?: string
}

/** A kubeconfig for a server of a test; http is allowed. */
export function testKubeConfig({ url, caFile, proxyUrl }: TestCluster, user: TestUser = {}): KubeConfig {
  const { tokenFile, ...plain } = user
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    {
      name: 'test',
      server: url,
      skipTLSVerify: url.startsWith('http:'),
      ...(caFile !== undefined && { caFile }),
      ...(proxyUrl !== undefined && { proxyUrl }),
    },
    {
      name: 'test',
      ...plain,
      ...(tokenFile !== undefined && { authProvider: { name: 'tokenFile', config: { tokenFile } } }),
    },
  )
  return config
}
