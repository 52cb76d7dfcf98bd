import type { ApiClient } from './client.ts'
import { hasStatus } from './errors.ts'

export interface StatusApply {
  /** Of the object, without `/status`. */
  readonly path: string
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  /** The object's UID: a re-created namesake is never written. */
  readonly uid: string
  /** The version that was looked at, where nothing may have changed since. */
  readonly resourceVersion?: string
  readonly status: unknown
  readonly fieldManager: string
}

/** `gone`: there is no such object. `conflict`: it has another UID, re-created under its name, or another version. */
export type ApplyResult = 'written' | 'gone' | 'conflict'

/**
 * Writes a status by server-side apply: only what is given is ours, everything else of the status stays.
 * @throws ApiError other than not found and conflict
 */
export async function applyStatus(client: ApiClient, apply: StatusApply): Promise<ApplyResult> {
  const { apiVersion, kind, namespace, name, uid, resourceVersion, status } = apply
  const metadata = {
    name,
    uid,
    ...(namespace === undefined ? {} : { namespace }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  try {
    await client.request({
      method: 'PATCH',
      path: `${apply.path}/status`,
      query: { fieldManager: apply.fieldManager, force: 'true' },
      body: { apiVersion, kind, metadata, status },
      contentType: 'application/apply-patch+yaml',
    })
    return 'written'
  } catch (error) {
    if (hasStatus(error, 404)) return 'gone'
    if (hasStatus(error, 409)) return 'conflict'
    throw error
  }
}
