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
  readonly code:
    | 'SecretNotFound'
    | 'ConfigMapNotFound'
    | 'KeyMissing'
    | 'ReadForbidden'
    | 'BackendMissing'
    | 'AmbientCredentialsForbidden'
    | 'EndpointForbidden'
    | 'AudienceForbidden'

  constructor(code: ConfigurationError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export function secret(name: string): Reference {
  return { kind: 'Secret', name }
}

export function configMap(name: string): Reference {
  return { kind: 'ConfigMap', name }
}

/**
 * The values of a referenced object.
 * @throws ConfigurationError where it does not exist
 */
export function found(reference: Reference, lookup: Lookup): NonNullable<ReferenceData> {
  const data = lookup(reference)
  if (data !== undefined) return data
  throw new ConfigurationError(
    `${reference.kind}NotFound`,
    `the ${reference.kind} ${reference.name} does not exist in the issuer's namespace; create it, or correct its name`,
  )
}

/**
 * One value of a referenced object.
 * @throws ConfigurationError where it is missing or empty
 */
export function entry(reference: Reference, data: NonNullable<ReferenceData>, key: string): string {
  const value = optionalEntry(data, key)
  if (value !== undefined) return value
  throw new ConfigurationError('KeyMissing', `the ${reference.kind} ${reference.name} has no key ${key}; add it`)
}

/** The value of a key that may be missing; an empty one counts as missing. */
export function optionalEntry(data: NonNullable<ReferenceData>, key: string): string | undefined {
  const value = Object.hasOwn(data, key) ? data[key] : undefined
  return value === '' ? undefined : value
}
