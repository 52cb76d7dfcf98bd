import { type DerReader, TAG } from './der-reader.ts'

/** The initial octet and 32 flags: no BIT STRING of flags in RFC 5280 has more than 9. */
const MOST_FLAG_OCTETS = 5

/** An INTEGER that is not negative, as its magnitude without a sign octet. */
export function readUnsigned(reader: DerReader, field: string): Uint8Array {
  const start = passUnsigned(reader, field)
  return reader.bytes.subarray(start, reader.offset)
}

/** A small INTEGER, 0 to 2^31 - 1. */
export function readNumber(reader: DerReader, field: string): number {
  const start = passUnsigned(reader, field)
  const { bytes, offset: end } = reader
  let value = end - start > 4 ? Number.POSITIVE_INFINITY : 0
  for (let at = start; at < end; at += 1) value = value * 256 + (bytes[at] ?? 0)
  if (value > 0x7fffffff) throw reader.error(`${field} is too large`)
  return value
}

/** Moves behind an INTEGER in its shortest form (big-endian two's complement) and returns where its magnitude starts. */
function passUnsigned(reader: DerReader, field: string): number {
  const start = reader.pass(TAG.integer, field)
  const length = reader.offset - start
  const first = reader.bytes[start] ?? 0
  const second = reader.bytes[start + 1] ?? 0
  if (length === 0) throw reader.error(`${field} is an empty INTEGER`)
  const padded = length > 1 && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (padded) throw reader.error(`${field} is an INTEGER that is not in its shortest form`)
  if (first >= 0x80) throw reader.error(`${field} is negative`)
  return first === 0 && length > 1 ? start + 1 : start
}

/** A NULL, which has no contents (X.690 8.8). */
export function readNull(reader: DerReader, field: string): void {
  if (reader.pass(TAG.null, field) !== reader.offset) throw reader.error(`${field} is not empty`)
}

/** A BOOLEAN: 0x00 or 0xFF (X.690 11.1). */
export function readBoolean(reader: DerReader, field: string): boolean {
  const octets = reader.value(TAG.boolean, field)
  if (octets.length !== 1 || (octets[0] !== 0x00 && octets[0] !== 0xff))
    throw reader.error(`${field} is not a BOOLEAN of 0x00 or 0xFF`)
  return octets[0] === 0xff
}

/**
 * An optional BOOLEAN with DEFAULT FALSE. An encoded FALSE is let through, as Go and OpenSSL do: old CAs write it, and it
 * can mean only one thing.
 */
export function readFlag(reader: DerReader, field: string): boolean {
  return reader.nextIs(TAG.boolean) && readBoolean(reader, field)
}

/** A BIT STRING of whole octets: signatures and keys. */
export function readBitString(reader: DerReader, field: string): Uint8Array {
  const start = reader.pass(TAG.bitString, field)
  if (start === reader.offset || reader.bytes[start] !== 0)
    throw reader.error(`${field} is not a BIT STRING of whole octets`)
  return reader.bytes.subarray(start + 1, reader.offset)
}

/** The set bits of a BIT STRING of flags, most significant first. Trailing zero bits are let through, as Go and OpenSSL do. */
export function readFlags(reader: DerReader, field: string): readonly number[] {
  const octets = reader.value(TAG.bitString, field)
  const unused = octets[0] ?? 8
  const last = octets.length > 1 ? (octets.at(-1) ?? 0) : 0
  const valid = unused <= 7 && (octets.length > 1 || unused === 0) && (last & ((1 << unused) - 1)) === 0
  if (!valid) throw reader.error(`${field} is not a BIT STRING with its unused bits zero`)
  if (octets.length > MOST_FLAG_OCTETS) throw reader.error(`${field} has too many bits`)
  const bits: number[] = []
  for (let bit = 0; bit < (octets.length - 1) * 8; bit += 1)
    if (((octets[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit)
  return bits
}

/** An OBJECT IDENTIFIER in dotted form; arcs up to 2^31 - 1, which is what Go reads. `tag` is for an IMPLICIT one. */
export function readOid(reader: DerReader, field: string, tag: number = TAG.oid): string {
  const start = reader.pass(tag, field)
  const { bytes, offset: end } = reader
  // As many as there can be: an array that grows is more garbage, and text that grows is far more where a hostile one is long.
  const arcs = new Array<number>(end - start + 1)
  let count = 0
  let arc = 0
  let begun = false
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at] ?? 0
    if (!begun && octet === 0x80)
      throw reader.error(`${field} is an OBJECT IDENTIFIER that is not in its shortest form`)
    arc = arc * 128 + (octet & 0x7f)
    if (arc > 0x7fffffff) throw reader.error(`${field} is an OBJECT IDENTIFIER with an arc that is too large`)
    begun = octet >= 0x80
    if (begun) continue
    if (count === 0) {
      // The first two arcs are encoded as one (X.690 8.19.4).
      const top = Math.min(Math.trunc(arc / 40), 2)
      arcs[0] = top
      arc -= top * 40
      count = 1
    }
    arcs[count] = arc
    count += 1
    arc = 0
  }
  if (begun || count === 0) throw reader.error(`${field} is an OBJECT IDENTIFIER that ends too early`)
  arcs.length = count
  return arcs.join('.')
}

const UTC_TIME = /^\d{12}Z$/
const GENERALIZED_TIME = /^\d{14}Z$/

/** A time as RFC 5280 4.1.2.5 has it (UTC, seconds, no fraction), in epoch milliseconds. */
export function readTime(reader: DerReader, field: string): number {
  const utc = reader.nextIs(TAG.utcTime)
  const text = reader.text(utc ? TAG.utcTime : TAG.generalizedTime, field)
  if (!(utc ? UTC_TIME : GENERALIZED_TIME).test(text)) throw reader.error(`${field} is not a time in UTC with seconds`)
  const year = Number(text.slice(0, -11))
  const month = twoDigits(text, -11)
  const day = twoDigits(text, -9)
  const hour = twoDigits(text, -7)
  const minute = twoDigits(text, -5)
  const second = twoDigits(text, -3)
  const full = utc ? year + (year < 50 ? 2000 : 1900) : year
  const date = new Date(0)
  const midnight = date.setUTCFullYear(full, month - 1, day)
  const inRange = month >= 1 && month <= 12 && date.getUTCDate() === day && hour <= 23 && minute <= 59 && second <= 59
  if (!inRange) throw reader.error(`${field} is not a time that exists`)
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000
}

/** @param at counted from the end */
function twoDigits(text: string, at: number): number {
  return Number(text.slice(at, at + 2))
}
