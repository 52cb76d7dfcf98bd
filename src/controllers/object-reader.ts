import { dataOf } from '../api/object-data.ts'
import type { ApiClient } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import { ConfigurationError, type Reference } from '../issuance/references.ts'
import { referencePath } from './object-paths.ts'
import type { ReadObject, ReadResult } from './references.ts'

/** Reads Secrets and ConfigMaps by name. What may not be read is a fault of the issuer's configuration, told in words. */
export function objectReader(client: ApiClient): ReadObject {
  return async (namespace, reference) => {
    try {
      const path = referencePath(namespace, reference.kind, reference.name)
      return readResult(reference, await client.request<unknown>({ method: 'GET', path }))
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      if (error instanceof ApiError && error.status === 403) throw forbidden(namespace, reference)
      throw error
    }
  }
}

function forbidden(namespace: string, { kind, name }: Reference): ConfigurationError {
  return new ConfigurationError(
    'ReadForbidden',
    `the controller may not get the ${kind} ${name} in namespace ${namespace}; grant its ServiceAccount the verb get on it`,
  )
}

function readResult({ kind }: Reference, object: unknown): ReadResult | undefined {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return undefined
  const { metadata } = object
  if (typeof metadata !== 'object' || metadata === null || !('resourceVersion' in metadata)) return undefined
  return { resourceVersion: String(metadata.resourceVersion), data: dataOf(kind, object) }
}
