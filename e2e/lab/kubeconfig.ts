import { stringify } from 'yaml'

/** How to reach an API server as one user. */
export interface Cluster {
  readonly server: string
  readonly caPem: string
  readonly token: string
}

/** A kubeconfig file with one context, named after the user. */
export function kubeconfig(cluster: Cluster, user: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': user,
    clusters: [
      {
        name: 'lab',
        cluster: {
          server: cluster.server,
          'certificate-authority-data': Buffer.from(cluster.caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: user, user: { token: cluster.token } }],
    contexts: [{ name: user, context: { cluster: 'lab', user } }],
  })
}
