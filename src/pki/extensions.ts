import { toHex } from './bytes.ts'
import { constructedTag, contextTag, DerReader, TAG } from './der-reader.ts'
import { readFlag, readNumber, readOid } from './der-values.ts'
import { PkiError } from './error.ts'
import { type KeyUsage, parseExtKeyUsage, parseKeyUsage } from './key-usage.ts'
import { decodeNameConstraints, type NameConstraints } from './name-constraints.ts'
import { parseSubjectAltName, type SubjectAltName } from './san.ts'

export interface BasicConstraints {
  readonly cA: boolean
  /** Absent = no limit. */
  readonly pathLength?: number
}

/** One Extension as it was encoded (RFC 5280 4.1). */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** How a certificate names the one that signed it. */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | undefined
  /** DER of the name of the issuer's own issuer. */
  readonly issuer: Uint8Array | undefined
  /** Of the issuer's certificate: lower-case hex, without a sign octet. */
  readonly serialNumber: string | undefined
}

/** The extensions that a certificate and a request for one have in common. */
export interface KnownExtensions {
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** OIDs in their order. */
  readonly extKeyUsage: readonly string[] | undefined
  readonly subjectAltName: SubjectAltName | undefined
  readonly nameConstraints: NameConstraints | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
}

export const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
} as const

const DIRECTORY_NAME = constructedTag(4)
/** In front of a magnitude in hex whose highest bit is set. */
const SIGN_OCTET = /^00(?=[89a-f])/

const KNOWN: ReadonlySet<string> = new Set([
  OID.subjectKeyIdentifier,
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.nameConstraints,
  OID.extKeyUsage,
])

/**
 * Reads a SEQUENCE OF Extension.
 * @throws PkiError `der-invalid`, `extension-duplicate`
 */
export function parseExtensions(list: DerReader, what: string): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  do {
    const entry = list.enter(TAG.sequence, 'an extension')
    const oid = readOid(entry, "an extension's type")
    const critical = readFlag(entry, "an extension's critical flag")
    const value = entry.value(TAG.octetString, "an extension's value")
    entry.finish()
    if (extensions.has(oid)) throw new PkiError('extension-duplicate', `${what} holds the extension ${oid} twice`)
    extensions.set(oid, { oid, critical, value })
  } while (!list.done)
  return extensions
}

/**
 * Decodes the extensions that this program acts on.
 * @throws PkiError `der-invalid`, `extension-invalid`, and what the readers of single extensions throw
 */
export function readKnownExtensions(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const read = <T>(oid: string, parse: (value: Uint8Array, critical: boolean) => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension === undefined ? undefined : parse(extension.value, extension.critical)
  }
  return {
    basicConstraints: read(OID.basicConstraints, parseBasicConstraints),
    keyUsage: read(OID.keyUsage, parseKeyUsage),
    extKeyUsage: read(OID.extKeyUsage, parseExtKeyUsage),
    subjectAltName: read(OID.subjectAltName, parseSubjectAltName),
    nameConstraints: read(OID.nameConstraints, decodeNameConstraints),
    subjectKeyIdentifier: read(OID.subjectKeyIdentifier, parseSubjectKeyIdentifier),
  }
}

/** OIDs of the extensions that `readKnownExtensions` and `also` do not cover, in their order. */
export function otherExtensions(
  extensions: ReadonlyMap<string, Extension>,
  also: readonly string[] = [],
): readonly Extension[] {
  return [...extensions.values()].filter(({ oid }) => !KNOWN.has(oid) && !also.includes(oid))
}

/** @throws PkiError `der-invalid`, `extension-invalid` */
export function parseAuthorityKeyIdentifier(der: Uint8Array, critical: boolean): AuthorityKeyIdentifier {
  refuseCritical(critical, 'authority key identifier')
  const outer = new DerReader(der, 'the authority key identifier')
  const value = outer.enter(TAG.sequence, 'its value')
  outer.finish()
  const keyIdentifier = value.nextIs(contextTag(0)) ? value.value(contextTag(0), 'the key identifier') : undefined
  const names = value.nextIs(constructedTag(1)) ? value.enter(constructedTag(1), 'the issuer') : undefined
  const serial = value.nextIs(contextTag(2)) ? toHex(value.value(contextTag(2), 'the serial number')) : undefined
  value.finish()
  return { keyIdentifier, issuer: names && readDirectoryName(names), serialNumber: serial?.replace(SIGN_OCTET, '') }
}

/** The first of the names that is one of a directory, which is what OpenSSL and BoringSSL compare. */
function readDirectoryName(names: DerReader): Uint8Array | undefined {
  while (!names.done && !names.nextIs(DIRECTORY_NAME)) names.element('a name')
  if (names.done) return undefined
  const name = names.enter(DIRECTORY_NAME, 'a directory name')
  const der = name.element('a directory name')
  name.finish()
  names.skipWellFormed()
  return der
}

function parseBasicConstraints(der: Uint8Array): BasicConstraints {
  const outer = new DerReader(der, 'the basic constraints extension')
  const value = outer.enter(TAG.sequence, 'its value')
  outer.finish()
  const cA = readFlag(value, 'cA')
  if (value.done) return { cA }
  const pathLength = readNumber(value, 'the path length')
  value.finish()
  if (!cA)
    throw new PkiError(
      'extension-invalid',
      'the basic constraints give a path length to what is no CA; remove one of the two',
    )
  return { cA, pathLength }
}

function parseSubjectKeyIdentifier(der: Uint8Array, critical: boolean): Uint8Array {
  refuseCritical(critical, 'subject key identifier')
  const reader = new DerReader(der, 'the subject key identifier')
  const identifier = reader.value(TAG.octetString, 'its value')
  reader.finish()
  return identifier
}

/** RFC 5280 4.2.1.1 and 4.2.1.2 say "MUST mark as non-critical", and Go refuses a certificate that does otherwise. */
function refuseCritical(critical: boolean, extension: string): void {
  if (critical)
    throw new PkiError('extension-invalid', `the ${extension} extension is marked critical, which RFC 5280 forbids`)
}
