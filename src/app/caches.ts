import { readCertificateRequest } from '../api/certificate-request.ts'
import { type Issuer, readIssuer } from '../api/issuer.ts'
import { readKubernetesCsr } from '../api/kubernetes-csr.ts'
import { GROUP } from '../api/names.ts'
import type { ApiClient } from '../cluster/client.ts'
import { Collection, EVERYWHERE, partTitle } from '../cluster/collection.ts'
import { Reflector, type ReflectorOptions } from '../cluster/reflector.ts'
import { metadataOf } from '../cluster/watch.ts'
import { COLLECTIONS, type CollectionName, collectionPath } from '../controllers/object-paths.ts'
import { recordOfCertificateRequest } from '../issuance/certificate-request-record.ts'
import { recordOfKubernetesCsr } from '../issuance/kubernetes-csr-record.ts'
import { makePublishedReader } from '../issuance/published-reader.ts'
import type { RequestRecord } from '../issuance/request-record.ts'
import { type Scope, serves, withinScope } from '../issuance/scope.ts'

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
  readonly scope: Scope
  readonly now: () => number
  /** @param watch what could not be watched, such as `certificaterequests in namespace team` */
  readonly failed: (watch: string, error: unknown) => void
  readonly handlers: CacheHandlers
}

/** Everything that is watched. */
export interface Caches {
  readonly certificateRequests: Collection<RequestRecord>
  readonly kubernetesCsrs: Collection<RequestRecord>
  readonly issuers: Collection<Issuer>
  readonly clusterIssuers: Collection<Issuer>
  readonly namespaces: Collection<Labels>
}

type Watching<T> = Pick<ReflectorOptions<T>, 'project' | 'changed' | 'fieldSelector'>

/** Makes the reflectors; nothing runs yet. Where some namespaces only are watched, nothing of the cluster scope is. */
export function makeCaches(deps: CacheDeps): Caches {
  const { scope, handlers } = deps
  const narrowed = scope.watchNamespaces.length > 0
  const ofNamespaces = collectionMaker(deps, narrowed ? scope.watchNamespaces : [EVERYWHERE])
  const ofCluster = collectionMaker(deps, narrowed ? [] : [EVERYWHERE])
  const readPublished = makePublishedReader()
  const issuers = (prefix: string): Watching<Issuer> => ({
    project: (object) => {
      const issuer = readIssuer(object)
      return issuer && serves(scope, { kind: issuer.kind, namespace: issuer.metadata.namespace ?? '' })
        ? issuer
        : undefined
    },
    changed: (key, before, after) => handlers.issuer(`${prefix}${key}`, before, after),
  })
  return {
    certificateRequests: ofNamespaces(COLLECTIONS.certificateRequests, {
      fieldSelector: `spec.issuerRef.group=${GROUP}`,
      project: (object) => {
        const request = readCertificateRequest(object)
        const record = request && recordOfCertificateRequest(request, readPublished)
        return record && withinScope(scope, record)
      },
      changed: handlers.certificateRequest,
    }),
    kubernetesCsrs: ofCluster(COLLECTIONS.kubernetesCsrs, {
      project: (object) => {
        const csr = readKubernetesCsr(object)
        return csr && recordOfKubernetesCsr(csr)
      },
      changed: handlers.kubernetesCsr,
    }),
    issuers: ofNamespaces(COLLECTIONS.issuers, issuers('MeshCAIssuer/')),
    clusterIssuers: ofCluster(COLLECTIONS.clusterIssuers, issuers('MeshCAClusterIssuer//')),
    namespaces: ofCluster(COLLECTIONS.namespaces, { project: labelsOf, changed: handlers.namespace }),
  }
}

function collectionMaker({ client, now, failed, handlers: { recovered } }: CacheDeps, places: readonly string[]) {
  return <T>(name: CollectionName, watching: Watching<T>): Collection<T> => {
    const part = (namespace: string): Reflector<T> =>
      new Reflector({
        client,
        now,
        random: Math.random,
        failed: (error) => failed(partTitle(name.plural, namespace), error),
        recovered,
        path: collectionPath(name, namespace),
        ...watching,
      })
    return new Collection(name.plural, new Map(places.map((place) => [place, part(place)])))
  }
}

/** Every watch by what it watches, as a person is told of it. */
export function watchesOf(caches: Caches): Readonly<Record<string, Reflector<unknown>>> {
  const collections: readonly Collection<unknown>[] = Object.values(caches)
  return Object.fromEntries(
    collections.flatMap(({ plural, parts }) =>
      [...parts].map(([namespace, part]) => [partTitle(plural, namespace), part]),
    ),
  )
}

/** The watches that must be complete before anything in a namespace can be judged. */
export function watchesFor(caches: Caches, namespace: string): readonly Reflector<unknown>[] {
  const collections: readonly Collection<unknown>[] = Object.values(caches)
  return collections.flatMap((collection) => collection.partFor(namespace) ?? [])
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
