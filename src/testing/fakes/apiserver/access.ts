import type { ClusterAccess } from '../../../cluster/cluster-access.ts'

/** Access to a server without the weight of a real kubeconfig; http is allowed. */
export function testAccess({ url }: { readonly url: string }, token?: string): ClusterAccess {
  return {
    getCurrentCluster: () => ({ name: 'test', server: url, skipTLSVerify: true }),
    getCurrentUser: () => ({ name: 'test' }),
    applyToHTTPSOptions: async (options) => {
      if (token !== undefined) options.headers = { Authorization: `Bearer ${token}` }
    },
  }
}
