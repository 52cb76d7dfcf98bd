import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/** What is asked of a kubeconfig: where the API server is, and what it is called with. */
export type ClusterAccess = Pick<KubeConfig, 'getCurrentCluster' | 'getCurrentUser' | 'applyToHTTPSOptions'>
