import type { AdditionalRoot, BackendName, IssuerSpec } from '../api/issuer.ts'
import type { BackendConfig } from '../backends/config.ts'
import type { DeclaredRoots } from '../trust/additional-roots.ts'
import { awsConfig, awsReferences } from './aws-config.ts'
import type { IssuerScope, OperatorPolicy } from './operator-policy.ts'
import {
  ConfigurationError,
  configMap,
  entry,
  found,
  type Lookup,
  optionalEntry,
  type Reference,
  secret,
} from './references.ts'
import { vaultConfig, vaultReferences } from './vault-config.ts'

/** Every Secret and ConfigMap that the spec names, each once. */
export function referencesOf(spec: IssuerSpec): readonly Reference[] {
  const roots = (spec.trust.additionalRoots ?? []).flatMap(rootReference)
  const all = [...backendReferences(spec), ...roots]
  return [...new Map(all.map((reference) => [`${reference.kind}/${reference.name}`, reference])).values()]
}

function backendReferences(spec: IssuerSpec): readonly Reference[] {
  if (spec.ca !== undefined) return [secret(spec.ca.secretRef.name)]
  if (spec.awsPrivateCA !== undefined) return awsReferences(spec.awsPrivateCA)
  return spec.vault === undefined ? [] : vaultReferences(spec.vault)
}

export function backendName(spec: IssuerSpec): BackendName {
  if (spec.awsPrivateCA !== undefined) return 'AWSPrivateCA'
  return spec.vault !== undefined ? 'Vault' : 'CA'
}

export interface ConfigInput {
  readonly spec: IssuerSpec
  readonly lookup: Lookup
  readonly scope: IssuerScope
  readonly policy: OperatorPolicy
}

/**
 * The configuration of the back end that the spec asks for.
 * @throws ConfigurationError
 */
export function backendConfig({ spec, lookup, ...context }: ConfigInput): BackendConfig {
  if (spec.ca !== undefined) return localConfig(spec.ca.secretRef.name, lookup)
  if (spec.awsPrivateCA !== undefined) return awsConfig(spec.awsPrivateCA, lookup, context)
  if (spec.vault !== undefined) return vaultConfig(spec.vault, lookup, { ...context, profile: spec.profile })
  throw new ConfigurationError(
    'BackendMissing',
    "the spec names no back end; set one of 'awsPrivateCA', 'vault' and 'ca'",
  )
}

function localConfig(name: string, lookup: Lookup): BackendConfig {
  const reference = secret(name)
  const data = found(reference, lookup)
  const roots = optionalEntry(data, 'ca.crt')
  return {
    kind: 'local',
    certificates: entry(reference, data, 'tls.crt'),
    privateKey: entry(reference, data, 'tls.key'),
    ...(roots === undefined ? {} : { roots }),
  }
}

/**
 * The roots to publish beside the active one, with their references resolved.
 * @throws ConfigurationError
 */
export function declaredRoots(spec: IssuerSpec, lookup: Lookup): readonly DeclaredRoots[] {
  return (spec.trust.additionalRoots ?? []).map((root, index) =>
    declared(root, `trust.additionalRoots[${index}]`, lookup),
  )
}

function declared(root: AdditionalRoot, path: string, lookup: Lookup): DeclaredRoots {
  const [reference] = rootReference(root)
  const pinned = root.secretRef ?? root.configMapRef
  if (reference === undefined || pinned === undefined) return { source: path, pem: root.pem ?? '', sha256: undefined }
  return {
    source: `${path} (${reference.kind} ${reference.name}, key ${pinned.key})`,
    pem: entry(reference, found(reference, lookup), pinned.key),
    sha256: pinned.sha256,
  }
}

function rootReference(root: AdditionalRoot): readonly Reference[] {
  if (root.secretRef !== undefined) return [secret(root.secretRef.name)]
  return root.configMapRef === undefined ? [] : [configMap(root.configMapRef.name)]
}
