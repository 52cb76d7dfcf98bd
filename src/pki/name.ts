import { isUtf8 } from 'node:buffer'
import { asBuffer, sameBytes, toHex, toLatin1 } from './bytes.ts'
import { DerReader, TAG } from './der-reader.ts'
import { readOid } from './der-values.ts'
import { element } from './der-writer.ts'

/** A distinguished name, kept as it was encoded. */
export interface Name {
  readonly der: Uint8Array
  /** RFC 4514: the most specific part first. */
  readonly text: string
  /** An empty SEQUENCE. */
  readonly empty: boolean
}

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'

/** Short names of RFC 4514 section 3, and those of the same registry that certificates carry. */
export const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'givenName',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  [EMAIL_ADDRESS]: 'emailAddress',
}

/** Far more than the upper bounds of RFC 5280 appendix A add up to in any real name; names end up in messages. */
const MOST_OCTETS = 4096

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: IA5 is ASCII with its control characters
const IA5 = /^[\x00-\x7f]*$/
const NUMERIC = /^[0-9 ]*$/
/** What stands escaped in the text of a name. */
const ESCAPED = /["+,;<>\\]|^[ #]| $|\p{C}/gu
const CONTROL = /\p{C}/u

type Decode = (octets: Uint8Array) => string | undefined

/** The string types that Go reads in names; a certificate with any other would not load in istiod. */
const STRINGS: Readonly<Record<number, Decode>> = {
  [TAG.utf8String]: decodeUtf8,
  [TAG.printableString]: matching(PRINTABLE),
  [TAG.ia5String]: matching(IA5),
  [TAG.numericString]: matching(NUMERIC),
  [TAG.teletexString]: toLatin1,
  [TAG.bmpString]: (octets) => (octets.length % 2 === 0 ? Buffer.from(octets).swap16().toString('utf16le') : undefined),
}

/** @param der a whole Name element @throws PkiError `der-invalid` */
export function parseName(der: Uint8Array, what: string): Name {
  const outer = new DerReader(der, what)
  if (der.length > MOST_OCTETS) throw outer.error(`a name is longer than ${MOST_OCTETS} octets`)
  const rdns = outer.enter(TAG.sequence, 'a name')
  outer.finish()
  let text = ''
  while (!rdns.done) {
    const part = parseRdn(rdns.enter(TAG.set, 'a part of a name'))
    text = text === '' ? part : `${part},${text}`
  }
  return { der, text, empty: text === '' }
}

/** Names are compared as bytes: certificates chain by their encoding (what Go and OpenSSL's strict mode rely on). */
export function sameName(a: Name, b: Name): boolean {
  return sameBytes(a.der, b.der)
}

/**
 * The mailboxes in a name, which verifiers other than Go compare with name constraints. Undefined stands for one that is
 * no IA5String: they refuse it below constraints of any kind.
 */
export function mailboxesOf({ der, text }: Name): readonly (string | undefined)[] {
  if (!text.includes(`${ATTRIBUTE_NAMES[EMAIL_ADDRESS]}=`)) return []
  const rdns = new DerReader(der, 'a name').enter(TAG.sequence, 'a name')
  const found: (string | undefined)[] = []
  while (!rdns.done) {
    const rdn = rdns.enter(TAG.set, 'a part of a name')
    while (!rdn.done) {
      const attribute = rdn.enter(TAG.sequence, 'an attribute of a name')
      if (readOid(attribute, "a name attribute's type") !== EMAIL_ADDRESS) continue
      found.push(attribute.nextIs(TAG.ia5String) ? attribute.text(TAG.ia5String, 'a mailbox') : undefined)
    }
  }
  return found
}

function parseRdn(rdn: DerReader): string {
  let text = parseAttribute(rdn)
  while (!rdn.done) text += `+${parseAttribute(rdn)}`
  return text
}

function parseAttribute(rdn: DerReader): string {
  const attribute = rdn.enter(TAG.sequence, 'an attribute of a name')
  const type = readOid(attribute, "a name attribute's type")
  const tag = attribute.nextTag ?? 0
  const octets = attribute.value(tag, "a name attribute's value")
  attribute.finish()
  const text = STRINGS[tag]?.(octets)
  if (text === undefined) throw rdn.error('a name has a value that is not a valid string')
  const shortName = ATTRIBUTE_NAMES[type]
  return shortName === undefined ? `${type}=#${toHex(element(tag, octets))}` : `${shortName}=${escapeValue(text)}`
}

/** RFC 4514 2.4; control characters too, so that a name never breaks a line of a log or an event. */
function escapeValue(text: string): string {
  return text.replace(ESCAPED, (character) =>
    CONTROL.test(character)
      ? [...Buffer.from(character)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('')
      : `\\${character}`,
  )
}

function matching(pattern: RegExp): Decode {
  return (octets) => {
    const text = toLatin1(octets)
    return pattern.test(text) ? text : undefined
  }
}

function decodeUtf8(octets: Uint8Array): string | undefined {
  return isUtf8(octets) ? asBuffer(octets).toString('utf8') : undefined
}
