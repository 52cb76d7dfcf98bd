import { constructedTag, contextTag, DerReader, TAG } from './der-reader.ts'
import { readOid } from './der-values.ts'
import { element, oidContents, sequence } from './der-writer.ts'
import { PkiError } from './error.ts'
import { formatIp, parseIp } from './ip.ts'
import { type Name, parseName } from './name.ts'

export type GeneralName =
  | { readonly type: 'dns' | 'email' | 'uri'; readonly value: string }
  /** `value` is the text of `bytes` (4 or 16 octets). */
  | { readonly type: 'ip'; readonly value: string; readonly bytes: Uint8Array }
  | { readonly type: 'directory'; readonly name: Name }
  /** `der` is the value's element, without its EXPLICIT tag. */
  | { readonly type: 'other'; readonly oid: string; readonly der: Uint8Array }
  | { readonly type: 'registeredID'; readonly oid: string }

export interface SubjectAltName {
  /** Value of the extension, verbatim. */
  readonly der: Uint8Array
  readonly critical: boolean
  readonly names: readonly GeneralName[]
}

const GRAPHIC = /^[\x21-\x7e]+$/
/**
 * An absolute URI whose authority, if it has one, is a host that Go can read: a certificate with any other does not load
 * there. Domain names and IPv6 addresses in brackets, without percent signs.
 */
const ABSOLUTE_URI =
  /^[a-z][a-z0-9+.-]*:(?:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?(?:[\w-]+(?:\.[\w-]+)*|\[(?<literal>[0-9a-f:.]+)\])?(?::\d*)?(?=[/?#]|$)|(?!\/\/)[^"<>\\^`{|}])[^"<>\\^`{|}]*$/i
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i
const MAILBOX = /^[^@]+@[^@]+$/
const WHAT = 'the subject alternative name'

type Read = (names: DerReader, tag: number) => GeneralName

/** RFC 5280 4.2.1.6. The forms left out (x400Address, ediPartyName) are refused: no Go program can read them. */
const FORMS: Readonly<Record<number, Read>> = {
  [constructedTag(0)]: readOtherName,
  [contextTag(1)]: text('email', (value) => MAILBOX.test(value)),
  [contextTag(2)]: text('dns'),
  [constructedTag(4)]: readDirectoryName,
  [contextTag(6)]: text('uri', isUri),
  [contextTag(7)]: readIp,
  [contextTag(8)]: (names, tag) => ({ type: 'registeredID', oid: readOid(names, 'a registered ID', tag) }),
}

/**
 * Reads the extension's value and keeps it. Every name is reported, those of unknown otherName types too.
 * @throws PkiError `der-invalid`, `san-invalid`
 */
export function parseSubjectAltName(der: Uint8Array, critical: boolean): SubjectAltName {
  const outer = new DerReader(der, WHAT)
  const list = outer.enter(TAG.sequence, 'its list')
  outer.finish()
  const names: GeneralName[] = []
  while (!list.done) names.push(readGeneralName(list))
  if (names.length === 0) throw invalid('it holds no name; leave the extension out instead')
  return { der, critical, names }
}

/** Encodes names of any form as an extension value. */
export function makeSubjectAltName(names: readonly GeneralName[], critical: boolean): SubjectAltName {
  return { der: sequence(...names.map(encodeGeneralName)), critical, names }
}

function readGeneralName(list: DerReader): GeneralName {
  const tag = list.nextTag ?? 0
  const read = FORMS[tag]
  if (read !== undefined) return read(list, tag)
  throw invalid('it holds a name of a form that is not supported (x400Address, ediPartyName or unknown); remove it')
}

function text(type: 'dns' | 'email' | 'uri', fits: (value: string) => boolean = () => true): Read {
  const field = `a name (${type})`
  return (names, tag) => {
    const value = names.text(tag, field)
    const valid = GRAPHIC.test(value) && fits(value)
    if (!valid) throw invalid(`it holds ${field} that is empty or malformed; correct it`)
    return { type, value }
  }
}

function isUri(value: string): boolean {
  const match = ABSOLUTE_URI.exec(value)
  const literal = match?.groups?.literal
  return match !== null && !BROKEN_ESCAPE.test(value) && (literal === undefined || parseIp(literal)?.length === 16)
}

function readIp(names: DerReader, tag: number): GeneralName {
  const bytes = names.value(tag, 'an IP address')
  const value = formatIp(bytes)
  if (value === undefined) throw invalid('it holds an IP address that has neither 4 nor 16 octets')
  return { type: 'ip', value, bytes }
}

function readDirectoryName(names: DerReader, tag: number): GeneralName {
  return { type: 'directory', name: parseName(names.value(tag, 'a directory name'), WHAT) }
}

function readOtherName(names: DerReader, tag: number): GeneralName {
  const other = names.enter(tag, 'an other name')
  const oid = readOid(other, "an other name's type")
  const value = other.enter(constructedTag(0), "an other name's value")
  other.finish()
  const der = value.element("an other name's value")
  value.finish()
  new DerReader(der, WHAT).skipWellFormed()
  return { type: 'other', oid, der }
}

function encodeGeneralName(name: GeneralName): Uint8Array {
  switch (name.type) {
    case 'email':
      return element(contextTag(1), Buffer.from(name.value, 'latin1'))
    case 'dns':
      return element(contextTag(2), Buffer.from(name.value, 'latin1'))
    case 'uri':
      return element(contextTag(6), Buffer.from(name.value, 'latin1'))
    case 'ip':
      return element(contextTag(7), name.bytes)
    case 'directory':
      return element(constructedTag(4), name.name.der)
    case 'registeredID':
      return element(contextTag(8), oidContents(name.oid))
    case 'other':
      return element(constructedTag(0), element(TAG.oid, oidContents(name.oid)), element(constructedTag(0), name.der))
  }
}

function invalid(reason: string): PkiError {
  return new PkiError('san-invalid', `the subject alternative name cannot be used: ${reason}`)
}
