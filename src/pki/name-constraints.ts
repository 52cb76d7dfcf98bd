import { constructedTag, contextTag, DerReader, TAG } from './der-reader.ts'
import { element, sequence } from './der-writer.ts'
import { PkiError, quote } from './error.ts'
import type { GeneralName } from './san.ts'
import { DNS, EMAIL, IP, type SubtreeKind, URI } from './subtree.ts'

/** Subtrees of each kind; within one kind they are alternatives. cert-manager's field names. */
export interface Subtrees {
  readonly dnsDomains: readonly string[]
  readonly uriDomains: readonly string[]
  readonly emailAddresses: readonly string[]
  /** CIDR */
  readonly ipRanges: readonly string[]
}

/** RFC 5280 4.2.1.10. A kind without permitted subtrees is free. */
export interface NameConstraints {
  readonly critical: boolean
  readonly permitted: Subtrees
  readonly excluded: Subtrees
}

interface Kind {
  readonly field: keyof Subtrees
  readonly type: GeneralName['type']
  readonly tag: number
  readonly word: string
  readonly rules: SubtreeKind
}

const KINDS: readonly Kind[] = [
  { field: 'dnsDomains', type: 'dns', tag: contextTag(2), word: 'DNS name', rules: DNS },
  { field: 'ipRanges', type: 'ip', tag: contextTag(7), word: 'IP address', rules: IP },
  { field: 'emailAddresses', type: 'email', tag: contextTag(1), word: 'email address', rules: EMAIL },
  { field: 'uriDomains', type: 'uri', tag: contextTag(6), word: 'URI', rules: URI },
]

/** Subtrees that a message names. */
const MOST_QUOTED = 5

const PERMITTED = constructedTag(0)
const EXCLUDED = constructedTag(1)

/**
 * @returns the value of the extension
 * @throws PkiError `name-constraints-invalid` for a malformed subtree, or where there is none
 */
export function encodeNameConstraints(nc: NameConstraints): Uint8Array {
  const lists = [encodeSubtrees(PERMITTED, nc.permitted), encodeSubtrees(EXCLUDED, nc.excluded)]
  const present = lists.filter((list) => list !== undefined)
  if (present.length === 0) throw invalid('they hold no subtree; leave them out instead')
  return sequence(...present)
}

/**
 * Reads the value of the extension. Subtrees come in canonical form (lower case, host bits zero).
 * @throws PkiError `der-invalid`, `name-constraints-invalid` for forms that cannot be carried: they are never dropped
 */
export function decodeNameConstraints(der: Uint8Array, critical: boolean): NameConstraints {
  const outer = new DerReader(der, 'the name constraints extension')
  const value = outer.enter(TAG.sequence, 'its value')
  outer.finish()
  if (value.done) throw invalid('they hold no subtree')
  const permitted = decodeSubtrees(value, PERMITTED)
  const excluded = decodeSubtrees(value, EXCLUDED)
  value.finish()
  return { critical, permitted, excluded }
}

/** Equal criticality and equal sets of subtrees, however they are ordered or written. */
export function sameNameConstraints(a: NameConstraints | undefined, b: NameConstraints | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.critical === b.critical && sameSubtrees(a.permitted, b.permitted) && sameSubtrees(a.excluded, b.excluded)
}

/**
 * Whether each permitted subtree of `inner` lies inside one of `outer` of its kind; kinds that `outer` does not constrain
 * are free. A kind that `inner` leaves out is not looked at: give it the subtrees of `outer`.
 * @returns the first that does not, in words; undefined where all do
 */
export function permittedOutside(inner: Subtrees, outer: Subtrees): string | undefined {
  for (const kind of KINDS) {
    const around = canonicalList(kind, outer[kind.field])
    if (around.length === 0) continue
    const offender = canonicalList(kind, inner[kind.field]).find(
      (subtree) => !around.some((one) => kind.rules.contains(one, subtree)),
    )
    if (offender !== undefined) return `${kind.word} subtree ${quote(offender)} is not inside ${quoted(around)}`
  }
  return undefined
}

/**
 * Whether a name may stand below these constraints. Where Go, OpenSSL and BoringSSL differ, the strictest counts.
 * @returns why not; undefined where it may
 */
export function nameAllowed(name: GeneralName, nc: NameConstraints): string | undefined {
  const kind = KINDS.find(({ type }) => type === name.type)
  if (kind === undefined || !('value' in name)) return undefined
  const label = `${kind.word} ${quote(name.value)}`
  const target = kind.rules.target(name.value)
  // Go refuses such a name below constraints of any kind.
  if (target === undefined) return constrains(nc) ? `${label} cannot be compared with name constraints` : undefined
  const permitted = canonicalList(kind, nc.permitted[kind.field])
  const excluded = canonicalList(kind, nc.excluded[kind.field])
  const barrier = excluded.find((subtree) => kind.rules.excludes(subtree, target))
  if (barrier !== undefined) return `${label} is excluded by ${quote(barrier)}`
  if (permitted.length === 0 || permitted.some((subtree) => kind.rules.permits(subtree, target))) return undefined
  return `${label} is outside the permitted ${quoted(permitted)}`
}

function constrains({ permitted, excluded }: NameConstraints): boolean {
  return KINDS.some(({ field }) => permitted[field].length > 0 || excluded[field].length > 0)
}

function encodeSubtrees(tag: number, subtrees: Subtrees): Uint8Array | undefined {
  const encoded = KINDS.flatMap((kind) =>
    subtrees[kind.field].map((subtree) => sequence(element(kind.tag, encodeSubtree(kind, subtree)))),
  )
  return encoded.length === 0 ? undefined : element(tag, ...encoded)
}

function encodeSubtree(kind: Kind, subtree: string): Uint8Array {
  const octets = kind.rules.encode(subtree)
  if (octets === undefined) throw invalid(`${quote(subtree)} is not a valid ${kind.word} subtree; correct it`)
  return octets
}

function decodeSubtrees(value: DerReader, tag: number): Subtrees {
  const lists = {
    dnsDomains: [] as string[],
    uriDomains: [] as string[],
    emailAddresses: [] as string[],
    ipRanges: [] as string[],
  }
  if (!value.nextIs(tag)) return lists
  const list = value.enter(tag, 'a list of subtrees')
  do {
    const subtree = list.enter(TAG.sequence, 'a subtree')
    const kind = KINDS.find((one) => subtree.nextIs(one.tag))
    if (kind === undefined)
      throw invalid('they hold a subtree that is no DNS name, URI, email address or IP range; remove it')
    const text = kind.rules.decode(subtree.value(kind.tag, 'a subtree'))
    if (text === undefined) throw invalid(`they hold a malformed ${kind.word} subtree; correct it`)
    if (!subtree.done) throw invalid('they hold a subtree with a minimum or maximum, which RFC 5280 forbids; remove it')
    lists[kind.field].push(text)
  } while (!list.done)
  return lists
}

/** A malformed subtree stays as it is and equals only itself; `encodeNameConstraints` is what refuses it. */
function canonicalList({ rules }: Kind, subtrees: readonly string[]): readonly string[] {
  return subtrees.map((subtree) => {
    const octets = rules.encode(subtree)
    return (octets && rules.decode(octets)) ?? subtree
  })
}

function sameSubtrees(a: Subtrees, b: Subtrees): boolean {
  return KINDS.every((kind) => {
    const left = new Set(canonicalList(kind, a[kind.field]))
    const right = new Set(canonicalList(kind, b[kind.field]))
    return left.size === right.size && [...left].every((subtree) => right.has(subtree))
  })
}

function quoted(subtrees: readonly string[]): string {
  const shown = subtrees.slice(0, MOST_QUOTED).map(quote).join(', ')
  return subtrees.length > MOST_QUOTED ? `${shown} and ${subtrees.length - MOST_QUOTED} more` : shown
}

function invalid(reason: string): PkiError {
  return new PkiError('name-constraints-invalid', `the name constraints cannot be used: ${reason}`)
}
