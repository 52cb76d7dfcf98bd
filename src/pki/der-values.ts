import { type DerReader, TAG } from './der-reader.ts'

/** The initial octet and 32 flags: no BIT STRING of flags in RFC 5280 has more than 9. */
const MOST_FLAG_OCTETS = 5

/** The contents octets of an INTEGER in its shortest form: big-endian two's complement. */
export function readInteger(reader: DerReader, field: string): Uint8Array {
  const octets = reader.value(TAG.integer, field)
  const [first, second] = octets
  if (first === undefined) throw reader.error(`${field} is an empty INTEGER`)
  const padded = second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (padded) throw reader.error(`${field} is an INTEGER that is not in its shortest form`)
  return octets
}

/** An INTEGER that is not negative, as its magnitude without a sign octet. */
export function readUnsigned(reader: DerReader, field: string): Uint8Array {
  const octets = readInteger(reader, field)
  const [first = 0] = octets
  if (first >= 0x80) throw reader.error(`${field} is negative`)
  return first === 0 && octets.length > 1 ? octets.subarray(1) : octets
}

/** A small INTEGER, 0 to 2^31 - 1. */
export function readNumber(reader: DerReader, field: string): number {
  const magnitude = readUnsigned(reader, field)
  const value = magnitude.length > 4 ? Number.POSITIVE_INFINITY : magnitude.reduce((sum, octet) => sum * 256 + octet, 0)
  if (value > 0x7fffffff) throw reader.error(`${field} is too large`)
  return value
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
  const octets = reader.value(TAG.bitString, field)
  if (octets[0] !== 0) throw reader.error(`${field} is not a BIT STRING of whole octets`)
  return octets.subarray(1)
}

/** The set bits of a BIT STRING of flags, most significant first. Trailing zero bits are let through, as Go and OpenSSL do. */
export function readFlags(reader: DerReader, field: string): readonly number[] {
  const octets = reader.value(TAG.bitString, field)
  const [unused = 8] = octets
  const last = octets.length > 1 ? (octets.at(-1) ?? 0) : 0
  const valid = unused <= 7 && (octets.length > 1 || unused === 0) && (last & ((1 << unused) - 1)) === 0
  if (!valid) throw reader.error(`${field} is not a BIT STRING with its unused bits zero`)
  if (octets.length > MOST_FLAG_OCTETS) throw reader.error(`${field} has too many bits`)
  const bits: number[] = []
  for (const [index, octet] of octets.subarray(1).entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((octet & (0x80 >> bit)) !== 0) bits.push(index * 8 + bit)
  }
  return bits
}

/** An OBJECT IDENTIFIER in dotted form; arcs up to 2^31 - 1, which is what Go reads. */
export function readOid(reader: DerReader, field: string): string {
  return decodeOid(reader.value(TAG.oid, field), reader, field)
}

/** The dotted form of an OBJECT IDENTIFIER's contents octets (also of an IMPLICIT one). */
export function decodeOid(octets: Uint8Array, reader: DerReader, field: string): string {
  const arcs: number[] = []
  let arc = 0
  let begun = false
  for (const octet of octets) {
    if (!begun && octet === 0x80)
      throw reader.error(`${field} is an OBJECT IDENTIFIER that is not in its shortest form`)
    arc = arc * 128 + (octet & 0x7f)
    if (arc > 0x7fffffff) throw reader.error(`${field} is an OBJECT IDENTIFIER with an arc that is too large`)
    begun = octet >= 0x80
    if (begun) continue
    if (arcs.length === 0) arcs.push(Math.min(Math.trunc(arc / 40), 2))
    arcs.push(arcs.length === 1 ? arc - (arcs[0] ?? 0) * 40 : arc)
    arc = 0
  }
  if (begun || arcs.length === 0) throw reader.error(`${field} is an OBJECT IDENTIFIER that ends too early`)
  return arcs.join('.')
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** A time as RFC 5280 4.1.2.5 has it (UTC, seconds, no fraction), in epoch milliseconds. */
export function readTime(reader: DerReader, field: string): number {
  const utc = reader.nextIs(TAG.utcTime)
  const text = Buffer.from(reader.value(utc ? TAG.utcTime : TAG.generalizedTime, field)).toString('latin1')
  const parts = (utc ? UTC_TIME : GENERALIZED_TIME).exec(text)?.slice(1).map(Number)
  if (parts === undefined) throw reader.error(`${field} is not a time in UTC with seconds`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const full = utc ? year + (year < 50 ? 2000 : 1900) : year
  const instant = new Date(0).setUTCFullYear(full, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000
  const inRange =
    month >= 1 && month <= 12 && new Date(instant).getUTCDate() === day && hour <= 23 && minute <= 59 && second <= 59
  if (!inRange) throw reader.error(`${field} is not a time that exists`)
  return instant
}
