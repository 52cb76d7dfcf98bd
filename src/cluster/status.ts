import { readString } from '../api/read.ts'
import type { ApiClient } from './client.ts'
import { hasStatus, isNotFound } from './errors.ts'
import { metadataOf } from './watch.ts'

export interface StatusApply {
  /** Of the object, without `/status`. */
  readonly path: string
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  /** The object's UID: a re-created namesake is never written. */
  readonly uid: string
  /** The version that was looked at, where nothing may have changed since. Without one the present version is read first. */
  readonly resourceVersion?: string
  readonly status: unknown
  readonly fieldManager: string
}

/** `gone`: there is no such object. `conflict`: it has another UID, re-created under its name, or another version. */
export type ApplyResult = 'written' | 'gone' | 'conflict'

/** Without a version of the caller's, so often is a new one read when another writer was faster. */
const TRIES = 3

/**
 * Writes a status by server-side apply: only what is given is ours, everything else of the status stays. The patch always
 * carries a version, since API servers do not look at the UID when they write the status of a custom resource
 * (k8s.io/apiextensions-apiserver pkg/registry/customresource/status_strategy.go).
 * @throws ApiError other than not found and conflict
 */
export async function applyStatus(client: ApiClient, apply: StatusApply): Promise<ApplyResult> {
  try {
    if (apply.resourceVersion !== undefined) return await patched(client, apply, apply.resourceVersion)
    return await applyToPresent(client, apply)
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

async function applyToPresent(client: ApiClient, apply: StatusApply): Promise<ApplyResult> {
  for (let tries = 0; tries < TRIES; tries++) {
    const metadata = metadataOf(await client.request<unknown>({ method: 'GET', path: apply.path, wanted: 'metadata' }))
    if (metadata?.uid !== apply.uid) return 'conflict'
    const result = await patched(client, apply, readString(metadata.resourceVersion) ?? '')
    if (result !== 'conflict') return result
  }
  return 'conflict'
}

async function patched(client: ApiClient, apply: StatusApply, resourceVersion: string): Promise<ApplyResult> {
  const { apiVersion, kind, namespace, name, uid, status } = apply
  const metadata = { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion }
  try {
    await client.send({
      method: 'PATCH',
      path: `${apply.path}/status`,
      query: { fieldManager: apply.fieldManager, force: 'true' },
      body: { apiVersion, kind, metadata, status },
      contentType: 'application/apply-patch+yaml',
    })
    return 'written'
  } catch (error) {
    if (hasStatus(error, 409)) return 'conflict'
    throw error
  }
}
