import type { z } from 'zod'
import { type ObjectMeta, readObjectMeta } from './metadata.ts'
import { API_VERSION, CLUSTER_ISSUER_KIND, ISSUER_KIND } from './names.ts'
import { isObject } from './read.ts'
import type { issuerSpec } from './schema/spec.ts'
import type { issuerStatus } from './schema/status.ts'

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T

/** `spec` of both kinds as the API server gives it out: checked by the schema, with its defaults filled in. */
export type IssuerSpec = Immutable<z.output<typeof issuerSpec>>

export type AwsPrivateCASpec = NonNullable<IssuerSpec['awsPrivateCA']>
export type AwsRole = NonNullable<AwsPrivateCASpec['assumeRole']>[number]
export type VaultSpec = NonNullable<IssuerSpec['vault']>
export type VaultAuth = VaultSpec['auth']
export type LocalCASpec = NonNullable<IssuerSpec['ca']>
export type Profile = IssuerSpec['profile']
export type MeshSpec = IssuerSpec['mesh']
/** Go durations: `parseDuration` reads them. */
export type DurationSpec = IssuerSpec['duration']
export type NameConstraintsSpec = NonNullable<IssuerSpec['nameConstraints']>
export type SubtreesSpec = NonNullable<NameConstraintsSpec['permitted']>
export type AllowedKey = IssuerSpec['allowedKeys'][number]
export type AllowedNamespaces = NonNullable<IssuerSpec['allowedNamespaces']>
export type NamespaceSelector = NonNullable<AllowedNamespaces['selector']>
export type TrustSpec = IssuerSpec['trust']
export type AdditionalRoot = NonNullable<TrustSpec['additionalRoots']>[number]

/** A whole Secret. */
export type SecretReference = LocalCASpec['secretRef']
/** One key of a Secret or ConfigMap. */
export type KeyReference = NonNullable<VaultSpec['caBundleConfigMapRef']>
/** One key with the fingerprints of the roots that must be there, and no others. */
export type PinnedReference = NonNullable<AdditionalRoot['configMapRef']>

/** `status` as it is written; every member is there once it is known. */
export type IssuerStatus = Immutable<z.output<typeof issuerStatus>>
export type AuthorityStatus = NonNullable<IssuerStatus['authority']>
export type TrustBundleStatus = NonNullable<IssuerStatus['trustBundle']>
export type RootStatus = TrustBundleStatus['roots'][number]
export type LastIssuance = NonNullable<IssuerStatus['lastIssuance']>
export type BackendName = NonNullable<IssuerStatus['backend']>

/** The conditions of an issuer. Ready is True only when all the others are. */
export type IssuerConditionType = 'Ready' | 'CredentialsReady' | 'AuthorityReady' | 'TrustReady'

export interface MeshCAIssuer {
  readonly apiVersion: typeof API_VERSION
  readonly kind: typeof ISSUER_KIND
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly generation: number }
  readonly spec: IssuerSpec
  readonly status: IssuerStatus
}

export interface MeshCAClusterIssuer {
  readonly apiVersion: typeof API_VERSION
  readonly kind: typeof CLUSTER_ISSUER_KIND
  readonly metadata: ObjectMeta & { readonly generation: number }
  readonly spec: IssuerSpec
  readonly status: IssuerStatus
}

export type Issuer = MeshCAIssuer | MeshCAClusterIssuer

/**
 * Reads an object of the API server as an issuer; `undefined` when it is none of ours. The API server has checked `spec`
 * against the schema, so only its presence is asked for here.
 */
export function readIssuer(object: unknown): Issuer | undefined {
  if (!isObject(object) || (object.apiVersion ?? API_VERSION) !== API_VERSION) return undefined
  const metadata = readObjectMeta(object.metadata)
  const { kind, spec } = object
  const status = object.status ?? {}
  if (metadata?.generation === undefined || !isSpec(spec) || !isStatus(status)) return undefined
  const { generation, namespace } = metadata
  const rest = { apiVersion: API_VERSION, spec, status } as const
  if (kind === CLUSTER_ISSUER_KIND) return { ...rest, kind, metadata: { ...metadata, generation } }
  if (kind !== ISSUER_KIND || namespace === undefined) return undefined
  return { ...rest, kind, metadata: { ...metadata, generation, namespace } }
}

function isSpec(value: unknown): value is IssuerSpec {
  return isObject(value) && isObject(value.trust) && isObject(value.duration) && isObject(value.mesh)
}

function isStatus(value: unknown): value is IssuerStatus {
  return isObject(value)
}
