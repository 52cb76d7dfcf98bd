import type { KubeObject } from './kube-objects.ts'

/** All objects of a kind: of one namespace, or, without one, of the cluster. */
export interface Collection {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
}

/** One object. Whether a kind has a namespace is not looked up: give it exactly when it has. */
export interface Reference extends Collection {
  readonly name: string
}

/** `/apis/group/version/namespaces/ns/plural`, or the like for the core group and cluster kinds. */
export function collectionPath({ apiVersion, kind, namespace }: Collection): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return `${root}${scope}/${pluralOf(kind)}`
}

export function objectPath(reference: Reference, subresource?: string): string {
  const path = `${collectionPath(reference)}/${encodeURIComponent(reference.name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

export function referenceTo(object: KubeObject): Reference {
  const { apiVersion, kind, metadata } = object
  const { name, namespace } = metadata
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, name, namespace }
}

/** `Certificate cert-manager.io/v1 ns/name`, for messages. */
export function describeReference({ apiVersion, kind, namespace, name }: Reference): string {
  return `${kind} (${apiVersion}) ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

/** The resource name of a kind. Kubernetes' own kinds and those of the lab follow the rules of English. */
export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (lower === 'endpoints') return lower
  if (/(s|x|ch|sh)$/.test(lower)) return `${lower}es`
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`
}
