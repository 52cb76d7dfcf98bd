import { TAG } from '../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf } from '../pki/der-writer.ts'
import { formatIp, parseIp } from '../pki/ip.ts'
import { ATTRIBUTE_NAMES, type Name, parseName } from '../pki/name.ts'
import type { NameConstraints, Subtrees } from '../pki/name-constraints.ts'
import type { GeneralName } from '../pki/san.ts'

/** A name from its RFC 4514 text ("CN=istiod,O=Mesh"; "" = empty); a comma in a value is written `\,`. Values are UTF8Strings, mailboxes IA5Strings. */
export function testName(text: string): Name {
  const parts = text === '' ? [] : text.split(/(?<!\\),/).reverse()
  return parseName(sequence(...parts.map((part) => setOf(attribute(part)))), 'the test name')
}

export function dns(value: string): GeneralName {
  return { type: 'dns', value }
}

export function uri(value: string): GeneralName {
  return { type: 'uri', value }
}

export function email(value: string): GeneralName {
  return { type: 'email', value }
}

export function ip(value: string): GeneralName {
  const bytes = parseIp(value)
  if (bytes === undefined) throw new Error(`${value} is not an IP address`)
  // A Buffer, as a parsed one is, so that the two are deeply equal.
  return { type: 'ip', value: formatIp(bytes) ?? value, bytes: Buffer.from(bytes) }
}

/** Lists that are left out are empty. */
export function subtrees(lists: Partial<Subtrees> = {}): Subtrees {
  return { dnsDomains: [], uriDomains: [], emailAddresses: [], ipRanges: [], ...lists }
}

/** Critical constraints with these permitted subtrees and those excluded ones. */
export function constraints(permitted: Partial<Subtrees>, excluded: Partial<Subtrees> = {}): NameConstraints {
  return { critical: true, permitted: subtrees(permitted), excluded: subtrees(excluded) }
}

function attribute(part: string): Uint8Array {
  const [type = '', value = ''] = part.split(/=(.*)/s)
  const oid = Object.entries(ATTRIBUTE_NAMES).find(([, shortName]) => shortName === type)?.[0] ?? type
  const tag = type === 'emailAddress' ? TAG.ia5String : TAG.utf8String
  return sequence(objectIdentifier(oid), element(tag, Buffer.from(value.replaceAll('\\,', ','))))
}
