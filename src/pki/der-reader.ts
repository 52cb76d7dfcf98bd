import { toLatin1 } from './bytes.ts'
import { PkiError } from './error.ts'

/** Identifier octets (X.690 8.1.2) of the types that certificates are made of. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The identifier octet of `[number]`, primitive (IMPLICIT of a primitive type). */
export function contextTag(number: number): number {
  return 0x80 | number
}

/** The identifier octet of `[number]`, constructed (EXPLICIT, or IMPLICIT of a constructed type). */
export function constructedTag(number: number): number {
  return 0xa0 | number
}

const CONSTRUCTED = 0x20
const HIGH_TAG_NUMBER = 0x1f
const INDEFINITE = 0x80
/** Four length octets would mean more than 16 MiB, and no input of ours is larger than 1 MiB. */
const MOST_LENGTH_OCTETS = 3
const DEEPEST = 24

/**
 * A cursor over strict DER (X.690 clause 10): definite lengths in the fewest octets, low tag numbers, exact tags.
 * Values are views of the input, never copies. Every failure is a PkiError `der-invalid` that names `what` is read.
 */
export class DerReader {
  /** The whole input, of which a nested reader sees a part. */
  readonly bytes: Uint8Array
  readonly #what: string
  readonly #depth: number
  #offset = 0
  #end: number

  constructor(bytes: Uint8Array, what: string, depth = 0) {
    this.bytes = bytes
    this.#what = what
    this.#depth = depth
    this.#end = bytes.length
    if (depth > DEEPEST) throw this.error('it is nested too deeply')
  }

  /** Where the next element begins in `bytes`. */
  get offset(): number {
    return this.#offset
  }

  get done(): boolean {
    return this.#offset >= this.#end
  }

  /** The identifier octet of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.done ? undefined : this.bytes[this.#offset]
  }

  nextIs(tag: number): boolean {
    return this.nextTag === tag
  }

  /**
   * Moves behind the next element, which must have this tag.
   * @returns where its contents start in `bytes`; they end at `offset`. A view of them would be more garbage than most values
   */
  pass(tag: number, field: string): number {
    if (!this.nextIs(tag)) throw this.error(this.done ? `${field} is missing` : `${field} has an unexpected type`)
    return this.#contentStart()
  }

  /** The contents octets of the next element, which must have this tag. */
  value(tag: number, field: string): Uint8Array {
    const start = this.pass(tag, field)
    return this.bytes.subarray(start, this.#offset)
  }

  /** The contents octets of the next element as text, one character for each. */
  text(tag: number, field: string): string {
    const start = this.pass(tag, field)
    return toLatin1(this.bytes, start, this.#offset)
  }

  /** A reader of the contents of the next element, which must have this tag. */
  enter(tag: number, field: string): DerReader {
    const start = this.pass(tag, field)
    const inner = new DerReader(this.bytes, this.#what, this.#depth + 1)
    inner.#offset = start
    inner.#end = this.#offset
    return inner
  }

  /** The whole next element, tag and length included, of whatever type it is. */
  element(field: string): Uint8Array {
    if (this.done) throw this.error(`${field} is missing`)
    const start = this.#offset
    this.#contentStart()
    return this.bytes.subarray(start, this.#offset)
  }

  /** Refuses whatever stands behind the last element. */
  finish(): void {
    if (!this.done) throw this.error('there are bytes behind its end')
  }

  /** Passes over everything that is left and refuses what is not DER, at any depth; for values that are kept as they are. */
  skipWellFormed(): void {
    while (!this.done) {
      const tag = this.nextTag ?? 0
      if ((tag & CONSTRUCTED) === 0) this.pass(tag, 'an element')
      else this.enter(tag, 'an element').skipWellFormed()
    }
  }

  error(reason: string): PkiError {
    return new PkiError('der-invalid', `${this.#what} is not well-formed DER: ${reason}`)
  }

  /** Moves behind the element and returns where its contents start. */
  #contentStart(): number {
    const { bytes } = this
    const tag = bytes[this.#offset] ?? 0
    const first = bytes[this.#offset + 1] ?? 0
    if (this.#offset + 2 > this.#end) throw this.error('it ends too early')
    if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw this.error('it has a tag number above 30')
    const short = first < INDEFINITE
    const start = this.#offset + 2 + (short ? 0 : first - INDEFINITE)
    const end = start + (short ? first : this.#longLength(first - INDEFINITE))
    if (end > this.#end) throw this.error('it ends too early')
    this.#offset = end
    return start
  }

  #longLength(octets: number): number {
    if (octets === 0) throw this.error('it has an indefinite length')
    if (octets > MOST_LENGTH_OCTETS) throw this.error('it has a length of more than 16 MiB')
    const start = this.#offset + 2
    if (start + octets > this.#end) throw this.error('it ends too early')
    let length = 0
    for (let at = start; at < start + octets; at += 1) length = length * 256 + (this.bytes[at] ?? 0)
    const least = octets === 1 ? INDEFINITE : 256 ** (octets - 1)
    if (length < least) throw this.error('it has a length that is not in its shortest form')
    return length
  }
}
