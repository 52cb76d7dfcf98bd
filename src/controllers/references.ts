import type { Reference, ReferenceData } from '../issuance/backend-config.ts'

/** Reads one object by name: its version and its values as text, or undefined where there is none. */
export type ReadObject = (namespace: string, reference: Reference) => Promise<ReadResult | undefined>

export interface ReadResult {
  readonly resourceVersion: string
  readonly data: NonNullable<ReferenceData>
}

/** Everything that one issuer refers to, as read. */
export interface Resolved {
  /** Equal for equal contents: the back end is opened anew when it changes. */
  readonly version: string
  readonly lookup: (reference: Reference) => ReferenceData
}

/** Reads the objects an issuer names, one `get` each, from the one namespace given; never a list, never a watch. */
export async function resolveReferences(
  read: ReadObject,
  namespace: string,
  references: readonly Reference[],
): Promise<Resolved> {
  const results = new Map<string, ReadResult | undefined>()
  await Promise.all(
    references.map(async (reference) => results.set(keyOf(reference), await read(namespace, reference))),
  )
  return {
    version: references
      .map((reference) => `${keyOf(reference)}@${results.get(keyOf(reference))?.resourceVersion ?? 'absent'}`)
      .join(' '),
    lookup: (reference) => results.get(keyOf(reference))?.data,
  }
}

function keyOf({ kind, name }: Reference): string {
  return `${kind}/${name}`
}
