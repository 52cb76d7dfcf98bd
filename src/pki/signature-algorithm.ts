import { constants, verify } from 'node:crypto'
import { constructedTag, DerReader, TAG } from './der-reader.ts'
import { readNull, readNumber, readOid } from './der-values.ts'
import { type KeyKind, type PublicKey, samePublicKey } from './public-key.ts'

/** OpenSSL's names of key types. */
type KeyType = 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'ed448'
type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

interface Algorithm {
  /** The keys that can make such signatures. */
  readonly keys: readonly KeyType[]
  /** null: the algorithm hashes by itself. */
  readonly hash: Hash | null
  /** Octets of the salt of RSASSA-PSS. */
  readonly saltLength?: number
}

/** Asking the KeyObject would cost as much as reading the whole request. */
const KEY_TYPES: Readonly<Record<KeyKind, KeyType>> = {
  RSA: 'rsa',
  'ECDSA-P256': 'ec',
  'ECDSA-P384': 'ec',
  'ECDSA-P521': 'ec',
  Ed25519: 'ed25519',
}

const RSASSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  '1.2.840.113549.1.1.5': { keys: ['rsa'], hash: 'sha1' },
  '1.2.840.113549.1.1.11': { keys: ['rsa'], hash: 'sha256' },
  '1.2.840.113549.1.1.12': { keys: ['rsa'], hash: 'sha384' },
  '1.2.840.113549.1.1.13': { keys: ['rsa'], hash: 'sha512' },
  '1.2.840.10045.4.1': { keys: ['ec'], hash: 'sha1' },
  '1.2.840.10045.4.3.2': { keys: ['ec'], hash: 'sha256' },
  '1.2.840.10045.4.3.3': { keys: ['ec'], hash: 'sha384' },
  '1.2.840.10045.4.3.4': { keys: ['ec'], hash: 'sha512' },
  '1.3.101.112': { keys: ['ed25519'], hash: null },
  '1.3.101.113': { keys: ['ed448'], hash: null },
}

const PSS_HASHES: Readonly<Record<string, Algorithm>> = {
  '2.16.840.1.101.3.4.2.1': { keys: ['rsa', 'rsa-pss'], hash: 'sha256', saltLength: 32 },
  '2.16.840.1.101.3.4.2.2': { keys: ['rsa', 'rsa-pss'], hash: 'sha384', saltLength: 48 },
  '2.16.840.1.101.3.4.2.3': { keys: ['rsa', 'rsa-pss'], hash: 'sha512', saltLength: 64 },
}

/** The dotted OID of an AlgorithmIdentifier. @throws PkiError `der-invalid` */
export function algorithmOid(algorithmIdentifier: Uint8Array): string {
  const outer = new DerReader(algorithmIdentifier, 'the signature algorithm')
  const algorithm = outer.enter(TAG.sequence, 'it')
  outer.finish()
  const oid = readOid(algorithm, 'its type')
  algorithm.skipWellFormed()
  return oid
}

export interface SignedParts {
  readonly signed: Uint8Array
  /** AlgorithmIdentifier, DER. */
  readonly algorithmIdentifier: Uint8Array
  readonly signature: Uint8Array
}

/**
 * What is signed, with its signature, as certificates and requests carry it. It remembers the key under which it held
 * last: proving one chain asks several times, and the signature is most of the cost.
 */
export class SignedData implements SignedParts {
  readonly signed: Uint8Array
  readonly algorithmIdentifier: Uint8Array
  readonly signature: Uint8Array
  #algorithm: Algorithm | undefined
  #heldUnder: PublicKey | undefined

  constructor({ signed, algorithmIdentifier, signature }: SignedParts) {
    this.signed = signed
    this.algorithmIdentifier = algorithmIdentifier
    this.signature = signature
  }

  /**
   * Verifies the signature. SHA-1 counts only where `legacy` says so: for a root's signature on itself, which proves
   * nothing.
   * @returns why it does not hold, as the end of a sentence; undefined where it does
   * @throws PkiError `public-key-unusable`, `der-invalid`
   */
  problem(key: PublicKey, legacy = false): string | undefined {
    this.#algorithm ??= readAlgorithm(this.algorithmIdentifier)
    const algorithm = this.#algorithm
    if (algorithm === undefined) return 'is made with an algorithm that is not supported'
    if (algorithm.hash === 'sha1' && !legacy) return 'is made with SHA-1, which is no longer safe'
    if (this.#heldUnder !== undefined && samePublicKey(this.#heldUnder, key)) return undefined
    const type = key.kind === 'unsupported' ? key.keyObject.asymmetricKeyType : KEY_TYPES[key.kind]
    if (!algorithm.keys.some((one) => one === type)) return `cannot have been made with the ${key.description} key`
    if (!this.#holds(algorithm, key)) return `does not match the ${key.description} key`
    this.#heldUnder = key
    return undefined
  }

  #holds({ hash, saltLength }: Algorithm, { keyObject }: PublicKey): boolean {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const key = saltLength === undefined ? keyObject : { key: keyObject, padding, saltLength }
    try {
      return verify(hash, this.signed, key, this.signature)
    } catch {
      // OpenSSL throws on keys and signatures that it cannot compute with; neither holds.
      return false
    }
  }
}

function readAlgorithm(algorithmIdentifier: Uint8Array): Algorithm | undefined {
  const fields = new DerReader(algorithmIdentifier, 'the signature algorithm').enter(TAG.sequence, 'it')
  const oid = readOid(fields, 'its type')
  if (oid === RSASSA_PSS) return readPss(fields)
  const algorithm = ALGORITHMS[oid]
  // RFC 4055 section 5: with RSA, absent parameters count as NULL.
  if (algorithm?.keys.includes('rsa') === true && fields.nextIs(TAG.null)) readNull(fields, 'its NULL parameter')
  return fields.done ? algorithm : undefined
}

/** RSASSA-PSS-params (RFC 4055 3.1) in the forms that Go reads: one hash throughout, a salt as long as the hash. */
function readPss(fields: DerReader): Algorithm | undefined {
  const parameters = fields.enter(TAG.sequence, 'its parameters')
  if (!parameters.nextIs(constructedTag(0))) return undefined
  const hash = readHash(parameters.enter(constructedTag(0), 'its hash'))
  const mask = parameters.enter(constructedTag(1), 'its mask').enter(TAG.sequence, 'its mask')
  const masked = readOid(mask, 'its mask') === MGF1 && readHash(mask) === hash
  const saltLength = readNumber(parameters.enter(constructedTag(2), 'its salt length'), 'its salt length')
  const algorithm = PSS_HASHES[hash]
  return masked && parameters.done && fields.done && algorithm?.saltLength === saltLength ? algorithm : undefined
}

function readHash(reader: DerReader): string {
  return readOid(reader.enter(TAG.sequence, 'a hash'), 'a hash')
}
