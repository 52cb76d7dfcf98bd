import { stringify } from 'yaml'

/** How to reach an API server as one user. */
export interface Cluster {
  readonly server: string
  readonly caPem: string
  /** Empty where a client certificate speaks for the user. */
  readonly token: string
  readonly clientCertificate?: { readonly certificatePem: string; readonly keyPem: string }
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
