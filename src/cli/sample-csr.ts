import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { AllowedKey } from '../api/issuer.ts'
import { constructedTag, TAG } from '../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf, smallInteger } from '../pki/der-writer.ts'
import { encodePem } from '../pki/pem.ts'
import { publicKeyFromSpki } from '../pki/public-key.ts'
import { assembleCertificate, signatureSchemeFor } from '../pki/tbs.ts'

const COMMON_NAME = '2.5.4.3'

/** How a key of each kind is made; the quickest first. */
const MAKERS: Readonly<Record<AllowedKey, () => KeyObject>> = {
  'ECDSA-P256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'ECDSA-P384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'ECDSA-P521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
}

/** A PKCS #10 request (RFC 2986) of a fresh key of a kind that is allowed; the key is forgotten. */
export function sampleCsr(allowed: readonly AllowedKey[], commonName: string): string {
  const [, make] = Object.entries(MAKERS).find(([kind]) => allowed.some((one) => one === kind)) ?? ['', MAKERS.RSA]
  const key = make()
  const publicKey = publicKeyFromSpki(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  const attribute = sequence(objectIdentifier(COMMON_NAME), element(TAG.utf8String, Buffer.from(commonName)))
  const info = sequence(smallInteger(0), sequence(setOf(attribute)), publicKey.spki, element(constructedTag(0)))
  const scheme = signatureSchemeFor(publicKey)
  // The frame of a request is that of a certificate: contents, algorithm, signature.
  return encodePem('CERTIFICATE REQUEST', assembleCertificate(info, scheme, sign(scheme.hash, info, key)))
}
