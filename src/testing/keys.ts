import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { objectIdentifier, octetString, sequence, smallInteger } from '../pki/der-writer.ts'
import type { KeyKind } from '../pki/public-key.ts'

/** The kinds that are signed (RSA is 2048 bits), other sizes, and two that must be refused. */
export type TestKeyKind = KeyKind | 'RSA-1024' | 'RSA-3072' | 'RSA-4096' | 'RSA-8192' | 'ECDSA-secp256k1' | 'Ed448'

/** Gives the key of a kind and label: the same one every time. */
export type TestKeys = (kind: TestKeyKind, label: string) => KeyObject

const RSA_BITS: Readonly<Record<string, number>> = {
  RSA: 2048,
  'RSA-1024': 1024,
  'RSA-3072': 3072,
  'RSA-4096': 4096,
  'RSA-8192': 8192,
}

const CURVES: Readonly<Record<string, { readonly oid: string; readonly octets: number }>> = {
  'ECDSA-P256': { oid: '1.2.840.10045.3.1.7', octets: 32 },
  'ECDSA-P384': { oid: '1.3.132.0.34', octets: 48 },
  'ECDSA-P521': { oid: '1.3.132.0.35', octets: 66 },
  'ECDSA-secp256k1': { oid: '1.3.132.0.10', octets: 32 },
}

const EDWARDS: Readonly<Record<string, { readonly oid: string; readonly octets: number }>> = {
  Ed25519: { oid: '1.3.101.112', octets: 32 },
  Ed448: { oid: '1.3.101.113', octets: 57 },
}

/**
 * A store of keys for one test file. All but RSA keys are made from their label, so they are the same in every run;
 * RSA keys are made at random once per kind and label, which takes a while: share the store.
 */
export function testKeys(): TestKeys {
  const made = new Map<string, KeyObject>()
  return (kind, label) => {
    const id = `${kind} ${label}`
    const key = made.get(id) ?? makeKey(kind, label)
    made.set(id, key)
    return key
  }
}

function makeKey(kind: TestKeyKind, label: string): KeyObject {
  const bits = RSA_BITS[kind]
  if (bits !== undefined) return generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
  const curve = CURVES[kind]
  const der = curve === undefined ? edwardsKey(kind, label) : ecKey(curve, label)
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
}

/** PKCS#8 (RFC 5958) around ECPrivateKey (RFC 5915). */
function ecKey({ oid, octets }: { readonly oid: string; readonly octets: number }, label: string): Uint8Array {
  const algorithm = sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier(oid))
  return sequence(
    smallInteger(0),
    algorithm,
    octetString(sequence(smallInteger(1), octetString(secret(octets, label)))),
  )
}

/** RFC 8410. */
function edwardsKey(kind: string, label: string): Uint8Array {
  const { oid, octets } = EDWARDS[kind] ?? { oid: '', octets: 0 }
  return sequence(smallInteger(0), sequence(objectIdentifier(oid)), octetString(octetString(secret(octets, label))))
}

/** At most 63 octets of the label's digest with the first bit zero, which is below the order of every curve here. */
function secret(octets: number, label: string): Uint8Array {
  const digest = createHash('sha512').update(label).digest()
  const value = Buffer.alloc(octets)
  digest.copy(value, Math.max(0, octets - 63), 0, Math.min(octets, 63))
  value[0] = (value[0] ?? 0) & 0x7f
  return value
}
