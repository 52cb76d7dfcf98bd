import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { sameBytes } from './bytes.ts'
import { DerReader, TAG } from './der-reader.ts'
import { readBitString, readNull, readOid, readUnsigned } from './der-values.ts'
import { PkiError } from './error.ts'
import { encodePem } from './pem.ts'

export type KeyKind = 'RSA' | 'ECDSA-P256' | 'ECDSA-P384' | 'ECDSA-P521' | 'Ed25519'

export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly kind: KeyKind | 'unsupported'
  /** Length of the modulus or of the field; 0 where it is not known. */
  readonly bits: number
  /** Made at its first use. @throws PkiError `public-key-unusable` where OpenSSL cannot read the key */
  readonly keyObject: KeyObject
  /** "RSA 4096", "ECDSA P-256". */
  readonly description: string
}

type Described = Pick<PublicKey, 'kind' | 'bits' | 'description'>

const RSA = '1.2.840.113549.1.1.1'
const EC = '1.2.840.10045.2.1'
const ED25519: Described & { readonly octets: number } = {
  kind: 'Ed25519',
  bits: 256,
  description: 'Ed25519',
  octets: 32,
}
/** OpenSSL verifies nothing above this, and reading on would only cost time. */
const MOST_RSA_BITS = 16384

const CURVES: Readonly<Record<string, Described & { readonly octets: number }>> = {
  '1.2.840.10045.3.1.7': { kind: 'ECDSA-P256', bits: 256, description: 'ECDSA P-256', octets: 32 },
  '1.3.132.0.34': { kind: 'ECDSA-P384', bits: 384, description: 'ECDSA P-384', octets: 48 },
  '1.3.132.0.35': { kind: 'ECDSA-P521', bits: 521, description: 'ECDSA P-521', octets: 66 },
}

/** Kinds that are recognised only to be named in a refusal. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10040.4.1': 'DSA',
  '1.3.101.110': 'X25519',
  '1.3.101.113': 'Ed448',
  '1.3.132.0.10': 'ECDSA secp256k1',
  '1.3.132.0.33': 'ECDSA P-224',
}

/**
 * Reads a SubjectPublicKeyInfo. Keys of other kinds are described as `unsupported`, so that policy can refuse them by name.
 * @throws PkiError `der-invalid`; `public-key-invalid` where a key of a supported kind is malformed
 */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey {
  const outer = new DerReader(spki, 'the public key')
  const info = outer.enter(TAG.sequence, 'the public key')
  outer.finish()
  const algorithm = info.enter(TAG.sequence, 'its algorithm')
  const oid = readOid(algorithm, 'its algorithm')
  const key = readBitString(info, 'the key')
  info.finish()
  return new ReadKey(spki, describe(oid, algorithm, key))
}

class ReadKey implements PublicKey {
  readonly spki: Uint8Array
  readonly kind: PublicKey['kind']
  readonly bits: number
  readonly description: string
  #keyObject: KeyObject | undefined

  constructor(spki: Uint8Array, { kind, bits, description }: Described) {
    this.spki = spki
    this.kind = kind
    this.bits = bits
    this.description = description
  }

  get keyObject(): KeyObject {
    this.#keyObject ??= load(this)
    return this.#keyObject
  }
}

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  return sameBytes(a.spki, b.spki)
}

/** RFC 5280 4.2.1.2, method (1): SHA-1 of the contents of the BIT STRING. */
export function subjectKeyIdentifier(key: PublicKey): Uint8Array {
  const info = new DerReader(key.spki, 'the public key').enter(TAG.sequence, 'the public key')
  info.element('its algorithm')
  return createHash('sha1').update(readBitString(info, 'the key')).digest()
}

function describe(oid: string, algorithm: DerReader, key: Uint8Array): Described {
  if (oid === RSA) return describeRsa(algorithm, key)
  if (oid === EC) return describeEc(algorithm, key)
  if (oid === '1.3.101.112') return describeEd25519(algorithm, key)
  algorithm.skipWellFormed()
  return unsupported(UNSUPPORTED[oid] ?? `(algorithm ${oid})`)
}

function describeRsa(algorithm: DerReader, key: Uint8Array): Described {
  readNull(algorithm, 'the NULL parameter of RSA')
  algorithm.finish()
  const outer = new DerReader(key, 'the RSA key')
  const numbers = outer.enter(TAG.sequence, 'the RSA key')
  outer.finish()
  const modulus = readUnsigned(numbers, 'its modulus')
  const exponent = readUnsigned(numbers, 'its exponent')
  numbers.finish()
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits > MOST_RSA_BITS) throw invalid(`its modulus is longer than ${MOST_RSA_BITS} bits`)
  if (
    !isOdd(modulus) ||
    !isOdd(exponent) ||
    exponent.length > 4 ||
    (exponent.length === 4 && (exponent[0] ?? 0) >= 0x80)
  ) {
    throw invalid('its modulus or exponent is even or too large')
  }
  if (exponent.length === 1 && exponent[0] === 1) throw invalid('its exponent is 1')
  return { kind: 'RSA', bits, description: `RSA ${bits}` }
}

function describeEc(algorithm: DerReader, key: Uint8Array): Described {
  if (!algorithm.nextIs(TAG.oid)) return unsupported('ECDSA (curve given by its parameters)')
  const oid = readOid(algorithm, 'its curve')
  algorithm.finish()
  const curve = CURVES[oid]
  if (curve === undefined) return unsupported(UNSUPPORTED[oid] ?? `ECDSA (curve ${oid})`)
  if (key[0] !== 0x04 || key.length !== 1 + 2 * curve.octets)
    throw invalid(`it is not an uncompressed point of ${curve.description}`)
  return curve
}

function describeEd25519(algorithm: DerReader, key: Uint8Array): Described {
  algorithm.finish()
  if (key.length !== ED25519.octets) throw invalid(`an Ed25519 key has ${ED25519.octets} octets`)
  return ED25519
}

function unsupported(description: string): Described {
  return { kind: 'unsupported', bits: 0, description }
}

function isOdd(magnitude: Uint8Array): boolean {
  return ((magnitude.at(-1) ?? 0) & 1) === 1
}

function load({ spki, description }: PublicKey): KeyObject {
  try {
    // As text it is read in less than half of the time that node takes for DER with its options object.
    return createPublicKey(encodePem('PUBLIC KEY', spki))
  } catch (cause) {
    throw new PkiError('public-key-unusable', `the ${description} public key cannot be used; make a new key pair`, {
      cause,
    })
  }
}

function invalid(reason: string): PkiError {
  return new PkiError('public-key-invalid', `the public key is malformed: ${reason}`)
}
