import { readCertificateRequest } from '../api/certificate-request.ts'
import { type Issuer, readIssuer } from '../api/issuer.ts'
import { readKubernetesCsr } from '../api/kubernetes-csr.ts'
import { GROUP } from '../api/names.ts'
import type { ApiClient } from '../cluster/client.ts'
import { Reflector } from '../cluster/reflector.ts'
import { metadataOf } from '../cluster/watch.ts'
import { COLLECTIONS } from '../controllers/object-paths.ts'
import { makePublishedReader } from '../issuance/published-reader.ts'
import { type RequestRecord, recordOfCertificateRequest, recordOfKubernetesCsr } from '../issuance/request-record.ts'

export type Labels = Readonly<Record<string, string>>

export interface CacheHandlers {
  readonly certificateRequest: (
    key: string,
    before: RequestRecord | undefined,
    after: RequestRecord | undefined,
  ) => void
  readonly kubernetesCsr: (key: string, before: RequestRecord | undefined, after: RequestRecord | undefined) => void
  readonly issuer: (key: string, before: Issuer | undefined, after: Issuer | undefined) => void
  readonly namespace: (name: string, before: Labels | undefined, after: Labels | undefined) => void
  /** The API server answers again. */
  readonly recovered: () => void
}

export interface CacheDeps {
  readonly client: ApiClient
  readonly now: () => number
  readonly failed: (collection: string, error: unknown) => void
  readonly handlers: CacheHandlers
}

/** Everything that is watched. */
export interface Caches {
  readonly certificateRequests: Reflector<RequestRecord>
  readonly kubernetesCsrs: Reflector<RequestRecord>
  readonly issuers: Reflector<Issuer>
  readonly clusterIssuers: Reflector<Issuer>
  readonly namespaces: Reflector<Labels>
}

/** Makes the reflectors; nothing runs yet. */
export function makeCaches({ client, now, failed, handlers }: CacheDeps): Caches {
  const readPublished = makePublishedReader()
  const common = (collection: string) => ({
    client,
    now,
    random: Math.random,
    failed: (error: unknown) => failed(collection, error),
    recovered: handlers.recovered,
  })
  const issuers = (path: string, prefix: string) =>
    new Reflector<Issuer>({
      ...common('issuers'),
      path,
      project: readIssuer,
      changed: (key, before, after) => handlers.issuer(`${prefix}${key}`, before, after),
    })
  return {
    certificateRequests: new Reflector({
      ...common('certificaterequests'),
      path: COLLECTIONS.certificateRequests,
      fieldSelector: `spec.issuerRef.group=${GROUP}`,
      project: (object) => {
        const request = readCertificateRequest(object)
        return request === undefined ? undefined : recordOfCertificateRequest(request, readPublished)
      },
      changed: handlers.certificateRequest,
    }),
    kubernetesCsrs: new Reflector({
      ...common('certificatesigningrequests'),
      path: COLLECTIONS.kubernetesCsrs,
      project: (object) => {
        const csr = readKubernetesCsr(object)
        return csr === undefined ? undefined : recordOfKubernetesCsr(csr)
      },
      changed: handlers.kubernetesCsr,
    }),
    issuers: issuers(COLLECTIONS.issuers, 'MeshCAIssuer/'),
    clusterIssuers: issuers(COLLECTIONS.clusterIssuers, 'MeshCAClusterIssuer//'),
    namespaces: new Reflector<Labels>({
      ...common('namespaces'),
      path: COLLECTIONS.namespaces,
      project: labelsOf,
      changed: handlers.namespace,
    }),
  }
}

/** The issuer with the key that `issuerKey` makes. */
export function issuerOf({ issuers, clusterIssuers }: Caches, key: string): Issuer | undefined {
  const cluster = 'MeshCAClusterIssuer//'
  return key.startsWith(cluster)
    ? clusterIssuers.get(key.slice(cluster.length))
    : issuers.get(key.slice('MeshCAIssuer/'.length))
}

function labelsOf(object: unknown): Labels | undefined {
  const metadata = metadataOf(object)
  if (metadata === undefined) return undefined
  const { labels } = metadata
  if (typeof labels !== 'object' || labels === null) return {}
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
}
