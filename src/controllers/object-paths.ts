import type { Issuer } from '../api/issuer.ts'
import {
  API_VERSION,
  CERT_MANAGER_API_VERSION,
  CERTIFICATE_REQUEST_PLURAL,
  CLUSTER_ISSUER_KIND,
  ISSUER_KIND,
  KUBERNETES_CSR_API_VERSION,
  KUBERNETES_CSR_PLURAL,
  PLURALS,
} from '../api/names.ts'
import { EVERYWHERE } from '../cluster/collection.ts'

/** A kind of objects, as paths and roles name it. */
export interface CollectionName {
  readonly api: string
  readonly plural: string
}

/** What is watched. */
export const COLLECTIONS = {
  certificateRequests: { api: `/apis/${CERT_MANAGER_API_VERSION}`, plural: CERTIFICATE_REQUEST_PLURAL },
  kubernetesCsrs: { api: `/apis/${KUBERNETES_CSR_API_VERSION}`, plural: KUBERNETES_CSR_PLURAL },
  issuers: { api: `/apis/${API_VERSION}`, plural: PLURALS[ISSUER_KIND] },
  clusterIssuers: { api: `/apis/${API_VERSION}`, plural: PLURALS[CLUSTER_ISSUER_KIND] },
  namespaces: { api: '/api/v1', plural: 'namespaces' },
} as const satisfies Readonly<Record<string, CollectionName>>

/** Namespace and name of what a cache calls `namespace/name`, or `name` where it has no namespace. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return slash < 0 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** Of those in one namespace, or of all objects. */
export function collectionPath({ api, plural }: CollectionName, namespace: string = EVERYWHERE): string {
  return namespace === EVERYWHERE ? `${api}/${plural}` : `${api}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

export function certificateRequestPath(namespace: string, name: string): string {
  return `${collectionPath(COLLECTIONS.certificateRequests, namespace)}/${encodeURIComponent(name)}`
}

export function kubernetesCsrPath(name: string): string {
  return `${collectionPath(COLLECTIONS.kubernetesCsrs)}/${encodeURIComponent(name)}`
}

export function issuerPath({ kind, metadata }: Issuer): string {
  const collection =
    kind === ISSUER_KIND
      ? collectionPath(COLLECTIONS.issuers, metadata.namespace)
      : collectionPath(COLLECTIONS.clusterIssuers)
  return `${collection}/${encodeURIComponent(metadata.name)}`
}

/** One Secret or ConfigMap. */
export function referencePath(namespace: string, kind: 'Secret' | 'ConfigMap', name: string): string {
  const plural = kind === 'Secret' ? 'secrets' : 'configmaps'
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`
}

/** Where a token of a ServiceAccount is asked for (TokenRequest). */
export function serviceAccountTokenPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`
}
