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

/** Paths of the collections that are watched. */
export const COLLECTIONS = {
  certificateRequests: `/apis/${CERT_MANAGER_API_VERSION}/${CERTIFICATE_REQUEST_PLURAL}`,
  kubernetesCsrs: `/apis/${KUBERNETES_CSR_API_VERSION}/${KUBERNETES_CSR_PLURAL}`,
  issuers: `/apis/${API_VERSION}/${PLURALS[ISSUER_KIND]}`,
  clusterIssuers: `/apis/${API_VERSION}/${PLURALS[CLUSTER_ISSUER_KIND]}`,
  namespaces: '/api/v1/namespaces',
} as const

export function certificateRequestPath(namespace: string, name: string): string {
  return `/apis/${CERT_MANAGER_API_VERSION}/namespaces/${encodeURIComponent(namespace)}/${CERTIFICATE_REQUEST_PLURAL}/${encodeURIComponent(name)}`
}

export function kubernetesCsrPath(name: string): string {
  return `${COLLECTIONS.kubernetesCsrs}/${encodeURIComponent(name)}`
}

export function issuerPath({ kind, metadata }: Issuer): string {
  const scope = kind === ISSUER_KIND ? `/namespaces/${encodeURIComponent(metadata.namespace)}` : ''
  return `/apis/${API_VERSION}${scope}/${PLURALS[kind]}/${encodeURIComponent(metadata.name)}`
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
