import { TAG } from './der-reader.ts'
import { PkiError, quote } from './error.ts'

const OID = /^[012](?:\.(?:0|[1-9]\d{0,9}))+$/

/** One element: identifier, length in its shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const content of contents) length += content.length
  return Buffer.concat([header(tag, length), ...contents])
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, ...contents)
}

/** A SET OF: DER puts its members in ascending order of their encodings (X.690 11.6). */
export function setOf(...members: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, ...[...members].sort(Buffer.compare))
}

export function octetString(content: Uint8Array): Uint8Array {
  return element(TAG.octetString, content)
}

/** A BIT STRING of whole octets. */
export function bitString(content: Uint8Array): Uint8Array {
  return element(TAG.bitString, Uint8Array.of(0), content)
}

/** A BIT STRING of flags without trailing zero bits (X.690 11.2.2). */
export function flags(bits: readonly number[]): Uint8Array {
  const highest = Math.max(...bits)
  const octets = new Uint8Array(Math.floor(highest / 8) + 1)
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return element(TAG.bitString, Uint8Array.of(7 - (highest & 7)), octets)
}

/** A non-negative INTEGER from its magnitude, big-endian. */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1
  const digits = magnitude.length === 0 ? Uint8Array.of(0) : magnitude.subarray(start)
  const signed = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0)
  return element(TAG.integer, signed, digits)
}

/** An INTEGER from 0 to 2^31 - 1. */
export function smallInteger(value: number): Uint8Array {
  const magnitude = Buffer.alloc(4)
  magnitude.writeInt32BE(value)
  return unsignedInteger(magnitude)
}

export function booleanTrue(): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(0xff))
}

export function nullValue(): Uint8Array {
  return element(TAG.null)
}

export function objectIdentifier(dotted: string): Uint8Array {
  return element(TAG.oid, oidContents(dotted))
}

/** The contents octets of an OBJECT IDENTIFIER, for IMPLICIT tags. */
export function oidContents(dotted: string): Uint8Array {
  const [top = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  if (!OID.test(dotted) || (top < 2 && second > 39)) {
    throw new PkiError('oid-invalid', `${quote(dotted)} is not an object identifier`)
  }
  return Uint8Array.from([top * 40 + second, ...rest].flatMap(base128))
}

/** UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). `instant` is in epoch milliseconds, whole seconds. */
export function time(instant: number): Uint8Array {
  const date = new Date(instant)
  const year = date.getUTCFullYear()
  const unfit = Number.isNaN(year) || instant % 1000 !== 0 || year < 1950 || year > 9999
  if (unfit)
    throw new PkiError('time-invalid', 'a certificate can carry only times of whole seconds in the years 1950 to 9999')
  const digits = date.toISOString().replace(/[-:T]|\.000/g, '')
  return year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.generalizedTime, Buffer.from(digits))
}

function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length)
  if (length < 0x10000) return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff)
  return Uint8Array.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff)
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) octets.unshift(0x80 | (left % 128))
  return octets
}
