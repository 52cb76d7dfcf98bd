import { createPublicKey, KeyObject, sign } from 'node:crypto'
import { objectIdentifier, sequence } from '../pki/der-writer.ts'
import { type PublicKey, publicKeyFromSpki } from '../pki/public-key.ts'
import { assembleCertificate, signatureSchemeFor } from '../pki/tbs.ts'
import { type TestKeyKind, testKeys } from './keys.ts'

/** How something is signed; any hash and AlgorithmIdentifier, for hostile cases. */
export interface TestScheme {
  readonly oid: string
  readonly hash: string | null
  readonly algorithmIdentifier: Uint8Array
}

/** Keys that production does not sign with. */
const FOREIGN: Readonly<Record<string, Omit<TestScheme, 'algorithmIdentifier'>>> = {
  'ECDSA secp256k1': { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  Ed448: { oid: '1.3.101.113', hash: null },
}

export function publicKeyOf(privateKey: KeyObject): PublicKey {
  return publicKeyFromSpki(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }))
}

/** The key itself, or one of that kind (P-256 by default) made from the label. */
export function keyFor(key: TestKeyKind | KeyObject | undefined, label: string): KeyObject {
  return key instanceof KeyObject ? key : testKeys()(key ?? 'ECDSA-P256', label)
}

export function schemeFor(key: PublicKey): TestScheme {
  const foreign = FOREIGN[key.description]
  return foreign === undefined ? signatureSchemeFor(key) : testScheme(foreign.oid, foreign.hash)
}

/** A scheme whose AlgorithmIdentifier has these parameters. */
export function testScheme(oid: string, hash: string | null, ...parameters: readonly Uint8Array[]): TestScheme {
  return { oid, hash, algorithmIdentifier: sequence(objectIdentifier(oid), ...parameters) }
}

/** Contents, algorithm, signature: the frame that certificates and requests have in common. */
export function seal(contents: Uint8Array, scheme: TestScheme, key: KeyObject): Uint8Array {
  return assembleCertificate(contents, { ...scheme, hash: null }, sign(scheme.hash, contents, key))
}

export function pkcs8(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

/** Calls `make` at the first use only. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
