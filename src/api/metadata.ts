import { isObject, optional, readInteger, readStringMap, readText } from './read.ts'

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

/** The part of `metadata` that is read here. */
export interface ObjectMeta {
  readonly name: string
  /** Absent on objects of cluster scope. */
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  /** RFC 3339. */
  readonly creationTimestamp: string
  /** RFC 3339; there while the object waits for its finalizers. */
  readonly deletionTimestamp?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly ownerReferences: readonly OwnerReference[]
}

/** Reads `metadata` of an object; `undefined` when it lacks what every stored object has. */
export function readObjectMeta(value: unknown): ObjectMeta | undefined {
  if (!isObject(value)) return undefined
  const name = readText(value.name)
  const uid = readText(value.uid)
  const resourceVersion = readText(value.resourceVersion)
  const creationTimestamp = readText(value.creationTimestamp)
  if (name === undefined || uid === undefined) return undefined
  if (resourceVersion === undefined || creationTimestamp === undefined) return undefined
  return {
    name,
    ...optional('namespace', readText(value.namespace)),
    uid,
    resourceVersion,
    ...optional('generation', readInteger(value.generation)),
    creationTimestamp,
    ...optional('deletionTimestamp', readText(value.deletionTimestamp)),
    annotations: readStringMap(value.annotations) ?? {},
    labels: readStringMap(value.labels) ?? {},
    ownerReferences: readOwnerReferences(value.ownerReferences),
  }
}

/** The owner that controls the object: for a CertificateRequest of cert-manager, its Certificate. */
export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences.find((owner) => owner.controller === true)
}

function readOwnerReferences(value: unknown): readonly OwnerReference[] {
  return Array.isArray(value) ? value.flatMap(readOwnerReference) : []
}

function readOwnerReference(value: unknown): readonly OwnerReference[] {
  if (!isObject(value)) return []
  const apiVersion = readText(value.apiVersion)
  const kind = readText(value.kind)
  const name = readText(value.name)
  const uid = readText(value.uid)
  if (apiVersion === undefined || kind === undefined || name === undefined || uid === undefined) return []
  return [{ apiVersion, kind, name, uid, ...(value.controller === true ? { controller: true } : {}) }]
}
