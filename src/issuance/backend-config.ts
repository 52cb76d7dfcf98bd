import type { AdditionalRoot, BackendName, IssuerSpec } from '../api/issuer.ts'
import type { BackendConfig } from '../backends/config.ts'
import type { DeclaredRoots } from '../trust/additional-roots.ts'

/** An object that an issuer's spec names; always in the issuer's own namespace. */
export interface Reference {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
}

/** What was read of it: the values as text, or undefined where there is no such object. */
export type ReferenceData = Readonly<Record<string, string>> | undefined

export type Lookup = (reference: Reference) => ReferenceData

/** What a spec and the objects that it names lack. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code: 'SecretNotFound' | 'ConfigMapNotFound' | 'KeyMissing' | 'ReadForbidden' | 'BackendNotSupported'

  constructor(code: ConfigurationError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Every Secret and ConfigMap that the spec names, each once. */
export function referencesOf(spec: IssuerSpec): readonly Reference[] {
  const roots = (spec.trust.additionalRoots ?? []).flatMap(rootReference)
  const backend: readonly Reference[] = spec.ca === undefined ? [] : [{ kind: 'Secret', name: spec.ca.secretRef.name }]
  const all = [...backend, ...roots]
  return [...new Map(all.map((reference) => [`${reference.kind}/${reference.name}`, reference])).values()]
}

export function backendName(spec: IssuerSpec): BackendName {
  if (spec.awsPrivateCA !== undefined) return 'AWSPrivateCA'
  return spec.vault !== undefined ? 'Vault' : 'CA'
}

/**
 * The configuration of the back end that the spec asks for.
 * @throws ConfigurationError
 */
export function backendConfig(spec: IssuerSpec, lookup: Lookup): BackendConfig {
  if (spec.ca === undefined) {
    throw new ConfigurationError(
      'BackendNotSupported',
      `this version has no ${backendName(spec)} back end: use 'ca', or a version that has it`,
    )
  }
  const secret: Reference = { kind: 'Secret', name: spec.ca.secretRef.name }
  const data = found(secret, lookup)
  const roots = data['ca.crt']
  return {
    kind: 'local',
    certificates: entry(secret, data, 'tls.crt'),
    privateKey: entry(secret, data, 'tls.key'),
    ...(roots === undefined || roots === '' ? {} : { roots }),
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
  if (root.secretRef !== undefined) return [{ kind: 'Secret', name: root.secretRef.name }]
  return root.configMapRef === undefined ? [] : [{ kind: 'ConfigMap', name: root.configMapRef.name }]
}

function found(reference: Reference, lookup: Lookup): NonNullable<ReferenceData> {
  const data = lookup(reference)
  if (data !== undefined) return data
  throw new ConfigurationError(
    `${reference.kind}NotFound`,
    `the ${reference.kind} ${reference.name} does not exist in the issuer's namespace; create it, or correct its name`,
  )
}

function entry(reference: Reference, data: NonNullable<ReferenceData>, key: string): string {
  const value = Object.hasOwn(data, key) ? data[key] : undefined
  if (value !== undefined && value !== '') return value
  throw new ConfigurationError('KeyMissing', `the ${reference.kind} ${reference.name} has no key ${key}; add it`)
}
