import { constructedTag, contextTag } from './der-reader.ts'
import {
  bitString,
  booleanTrue,
  element,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  time,
  unsignedInteger,
} from './der-writer.ts'
import { PkiError } from './error.ts'
import { type Extension, OID } from './extensions.ts'
import { encodeExtKeyUsage, encodeKeyUsage, type KeyUsage } from './key-usage.ts'
import type { Name } from './name.ts'
import { encodeNameConstraints, type NameConstraints } from './name-constraints.ts'
import { type KeyKind, type PublicKey, subjectKeyIdentifier } from './public-key.ts'
import type { SubjectAltName } from './san.ts'

/** How a CA key signs. */
export interface SignatureScheme {
  readonly oid: string
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null
  /** AlgorithmIdentifier, DER. */
  readonly algorithmIdentifier: Uint8Array
}

/** What a certificate is to say. Instants are epoch milliseconds, whole seconds. */
export interface CertificateContent {
  /** 1 to 20 octets, positive, big-endian; leading zeros do not count. */
  readonly serialNumber: Uint8Array
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: PublicKey
  readonly isCA: boolean
  /** Only with isCA. */
  readonly pathLength?: number
  readonly keyUsage: readonly KeyUsage[]
  /** OIDs; none = no extension. */
  readonly extKeyUsage: readonly string[]
  /** Its bytes are copied; critical exactly when the subject is empty (RFC 5280 4.2.1.6), whatever it says itself. */
  readonly subjectAltName?: SubjectAltName
  /** Only with isCA. */
  readonly nameConstraints?: NameConstraints
  readonly authorityKeyIdentifier: Uint8Array
}

const VERSION_3 = 2
const MOST_SERIAL_OCTETS = 20

/** What each kind of CA key signs with; hashes as strong as the curve. */
const SCHEMES: Readonly<Record<KeyKind, Omit<SignatureScheme, 'algorithmIdentifier'>>> = {
  RSA: { oid: '1.2.840.113549.1.1.11', hash: 'sha256' },
  'ECDSA-P256': { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  'ECDSA-P384': { oid: '1.2.840.10045.4.3.3', hash: 'sha384' },
  'ECDSA-P521': { oid: '1.2.840.10045.4.3.4', hash: 'sha512' },
  Ed25519: { oid: '1.3.101.112', hash: null },
}

/** @throws PkiError `key-unsupported` */
export function signatureSchemeFor(key: PublicKey): SignatureScheme {
  if (key.kind === 'unsupported') {
    throw new PkiError(
      'key-unsupported',
      `certificates cannot be signed with ${key.description} keys here; use RSA, ECDSA or Ed25519`,
    )
  }
  const scheme = SCHEMES[key.kind]
  const oid = objectIdentifier(scheme.oid)
  // RFC 4055 section 5 asks for NULL with RSA; RFC 5758 and RFC 8410 for nothing.
  return { ...scheme, algorithmIdentifier: key.kind === 'RSA' ? sequence(oid, nullValue()) : sequence(oid) }
}

/**
 * TBSCertificate (RFC 5280 4.1.2) in DER: a function of its arguments alone.
 * @throws PkiError `content-invalid`, `time-invalid`, `name-constraints-invalid` for what no certificate may say
 */
export function encodeTbsCertificate(content: CertificateContent, scheme: SignatureScheme): Uint8Array {
  return encodeTbs(content, contentExtensions(content), scheme)
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } */
export function assembleCertificate(tbs: Uint8Array, scheme: SignatureScheme, signature: Uint8Array): Uint8Array {
  return sequence(tbs, scheme.algorithmIdentifier, bitString(signature))
}

/** The same with extensions of the caller's choice. */
export function encodeTbs(
  content: CertificateContent,
  extensions: readonly Extension[],
  scheme: SignatureScheme,
): Uint8Array {
  if (content.notAfter < content.notBefore) throw invalid('it would end before it begins')
  return sequence(
    element(constructedTag(0), smallInteger(VERSION_3)),
    encodeSerialNumber(content.serialNumber),
    scheme.algorithmIdentifier,
    content.issuer.der,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject.der,
    content.publicKey.spki,
    element(constructedTag(3), sequence(...extensions.map(encodeExtension))),
  )
}

/** The extensions that the content calls for, in the order of Go's writer. */
export function contentExtensions(content: CertificateContent): readonly Extension[] {
  const { isCA, keyUsage, extKeyUsage, subjectAltName, nameConstraints } = content
  if (!isCA && (content.pathLength !== undefined || nameConstraints !== undefined)) {
    throw invalid('path length and name constraints are for CAs only')
  }
  return [
    ...(keyUsage.length === 0 ? [] : [extension(OID.keyUsage, true, encodeKeyUsage(keyUsage))]),
    ...(extKeyUsage.length === 0 ? [] : [extension(OID.extKeyUsage, false, encodeExtKeyUsage(extKeyUsage))]),
    extension(OID.basicConstraints, true, encodeBasicConstraints(content)),
    extension(OID.subjectKeyIdentifier, false, octetString(subjectKeyIdentifier(content.publicKey))),
    extension(OID.authorityKeyIdentifier, false, sequence(element(contextTag(0), content.authorityKeyIdentifier))),
    ...(subjectAltName === undefined ? [] : [extension(OID.subjectAltName, content.subject.empty, subjectAltName.der)]),
    ...(nameConstraints === undefined
      ? []
      : [extension(OID.nameConstraints, nameConstraints.critical, encodeNameConstraints(nameConstraints))]),
  ]
}

export function encodeExtension({ oid, critical, value }: Extension): Uint8Array {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(value))
}

function extension(oid: string, critical: boolean, value: Uint8Array): Extension {
  return { oid, critical, value }
}

/** An absent cA is FALSE: DER leaves defaults out. */
function encodeBasicConstraints({ isCA, pathLength }: CertificateContent): Uint8Array {
  if (!isCA) return sequence()
  return pathLength === undefined ? sequence(booleanTrue()) : sequence(booleanTrue(), smallInteger(pathLength))
}

function encodeSerialNumber(magnitude: Uint8Array): Uint8Array {
  const encoded = unsignedInteger(magnitude)
  const [, length = 0] = encoded
  if (magnitude.every((octet) => octet === 0)) throw invalid('its serial number would be zero')
  if (length > MOST_SERIAL_OCTETS) throw invalid('its serial number would be longer than 20 octets')
  return encoded
}

function invalid(reason: string): PkiError {
  return new PkiError('content-invalid', `no such certificate can be made: ${reason}`)
}
