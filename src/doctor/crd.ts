import { createHash } from 'node:crypto'
import { readConditions } from '../api/condition.ts'
import type { IssuerKind } from '../api/names.ts'
import { VERSION } from '../api/names.ts'
import { isObject, readObject } from '../api/read.ts'

/** A CustomResourceDefinition, as far as it matters to its objects. */
export interface CrdFacts {
  readonly established: boolean
  /** Of the schema of our version; undefined where it is not served. */
  readonly digest: string | undefined
}

/** Digests of the schemas that this build was made with; a test holds them against config/crd. */
export const CRD_DIGESTS: Readonly<Record<IssuerKind, string>> = {
  MeshCAIssuer: '1b0f31b100334263',
  MeshCAClusterIssuer: '0b56ddcad662281e',
}

/** Reads an apiextensions.k8s.io/v1 CustomResourceDefinition. */
export function readCrd(object: unknown): CrdFacts | undefined {
  const spec = readObject(readObject(object)?.spec)
  if (spec === undefined || !Array.isArray(spec.versions)) return undefined
  const versions: readonly unknown[] = spec.versions
  const version = versions.map(readObject).find((one) => one?.name === VERSION && one.served === true)
  const conditions = readConditions(readObject(readObject(object)?.status)?.conditions)
  return {
    established: conditions.some(({ type, status }) => type === 'Established' && status === 'True'),
    digest: version === undefined ? undefined : schemaDigest(readObject(version.schema)?.openAPIV3Schema),
  }
}

/** Hex SHA-256 over what a schema enforces, 16 digits: members in order, descriptions left out, since some installers strip them. */
export function schemaDigest(schema: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(enforced(schema)))
    .digest('hex')
    .slice(0, 16)
}

/** Below `properties` a member is a name of the API, so `description` may be one. */
function enforced(schema: unknown, names = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => enforced(item))
  if (!isObject(schema)) return schema
  const members = Object.entries(schema).filter(
    ([name, value]) => names || name !== 'description' || typeof value !== 'string',
  )
  return Object.fromEntries(
    members
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, enforced(value, !names && name === 'properties')]),
  )
}
