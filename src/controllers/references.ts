import { ConfigurationError, type Reference, type ReferenceData } from '../issuance/references.ts'

/**
 * Reads one object by name: its version and its values as text, or undefined where there is none.
 * @throws ConfigurationError where it may not be read
 */
export type ReadObject = (namespace: string, reference: Reference) => Promise<ReadResult | undefined>

export interface ReadResult {
  readonly resourceVersion: string
  readonly data: NonNullable<ReferenceData>
}

/** Everything that one issuer refers to, as read. */
export interface Resolved {
  /** Equal for equal contents: the back end is opened anew when it changes. */
  readonly version: string
  /** @throws ConfigurationError for what may not be read: only who needs it is concerned */
  readonly lookup: (reference: Reference) => ReferenceData
}

/** Reads the objects an issuer names, one `get` each, from the one namespace given; never a list, never a watch. */
export async function resolveReferences(
  read: ReadObject,
  namespace: string,
  references: readonly Reference[],
): Promise<Resolved> {
  const results = new Map<string, ReadResult | ConfigurationError | undefined>()
  await Promise.all(
    references.map(async (reference) => results.set(keyOf(reference), await readOrRefusal(read, namespace, reference))),
  )
  return {
    version: references.map((reference) => `${keyOf(reference)}@${versionOf(results.get(keyOf(reference)))}`).join(' '),
    lookup: (reference) => {
      const result = results.get(keyOf(reference))
      if (result instanceof ConfigurationError) throw result
      return result?.data
    },
  }
}

async function readOrRefusal(
  read: ReadObject,
  namespace: string,
  reference: Reference,
): Promise<ReadResult | ConfigurationError | undefined> {
  try {
    return await read(namespace, reference)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
}

function versionOf(result: ReadResult | ConfigurationError | undefined): string {
  if (result instanceof ConfigurationError) return result.code
  return result?.resourceVersion ?? 'absent'
}

function keyOf({ kind, name }: Reference): string {
  return `${kind}/${name}`
}
