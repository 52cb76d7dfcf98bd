import { constructedTag, DerReader, TAG } from './der-reader.ts'
import { readBitString, readNumber, readOid } from './der-values.ts'
import { PkiError } from './error.ts'
import {
  type BasicConstraints,
  type Extension,
  otherExtensions,
  parseExtensions,
  readKnownExtensions,
} from './extensions.ts'
import type { KeyUsage } from './key-usage.ts'
import { type Name, parseName } from './name.ts'
import type { NameConstraints } from './name-constraints.ts'
import { decodeSinglePem, encodePem } from './pem.ts'
import { type PublicKey, publicKeyFromSpki } from './public-key.ts'
import type { SubjectAltName } from './san.ts'
import { algorithmOid, SignedData } from './signature-algorithm.ts'

/** A PKCS#10 request (RFC 2986) whose signature has been verified. */
export interface CertificationRequest {
  readonly der: Uint8Array
  readonly pem: string
  readonly subject: Name
  readonly publicKey: PublicKey
  readonly subjectAltName: SubjectAltName | undefined
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** OIDs in their order. */
  readonly extKeyUsage: readonly string[] | undefined
  readonly basicConstraints: BasicConstraints | undefined
  readonly nameConstraints: NameConstraints | undefined
  readonly subjectKeyIdentifier?: Uint8Array
  /** OIDs of the non-critical extensions that are not read here, in their order. */
  readonly otherExtensions: readonly string[]
}

const WHAT = 'the CSR'
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
/** OpenSSL takes this one for an extension request as well, so a CA behind us might. */
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14'

/**
 * Reads one PEM block CERTIFICATE REQUEST as hostile input: strict PEM and DER, its own signature, extensions stated in
 * one place and once. The SAN's bytes are kept as they are, and every name in it is reported.
 * @throws PkiError with one sentence: `pem-invalid`, `pem-label`, `pem-too-large`, `der-invalid`, `csr-invalid`,
 * `csr-signature`, `extension-duplicate`, and what the readers of keys and extensions throw
 */
export function parseCertificationRequest(pem: string): CertificationRequest {
  const der = decodeSinglePem(pem, 'CERTIFICATE REQUEST')
  const outer = new DerReader(der, WHAT)
  const request = outer.enter(TAG.sequence, 'the CSR')
  outer.finish()
  const signed = request.element('its contents')
  const algorithmIdentifier = request.element('its signature algorithm')
  algorithmOid(algorithmIdentifier)
  const signature = readBitString(request, 'its signature')
  request.finish()
  const { subject, publicKey, extensions } = parseContents(signed)
  refuseBadSignature(new SignedData({ signed, algorithmIdentifier, signature }), publicKey)
  const { subjectKeyIdentifier, ...known } = readKnownExtensions(extensions)
  const content = { der, subject, publicKey, ...known, otherExtensions: passedOver(extensions) }
  return withText(subjectKeyIdentifier === undefined ? content : { ...content, subjectKeyIdentifier })
}

interface Contents {
  readonly subject: Name
  readonly publicKey: PublicKey
  readonly extensions: ReadonlyMap<string, Extension>
}

function parseContents(signed: Uint8Array): Contents {
  const outer = new DerReader(signed, WHAT)
  const info = outer.enter(TAG.sequence, 'its contents')
  outer.finish()
  if (readNumber(info, 'its version') !== 0) throw invalid('it is not of version 1')
  const subject = parseName(info.element('its subject'), WHAT)
  const publicKey = publicKeyFromSpki(info.element('its public key'))
  const extensions = parseAttributes(info.enter(constructedTag(0), 'its list of attributes'))
  info.finish()
  return { subject, publicKey, extensions }
}

function parseAttributes(attributes: DerReader): ReadonlyMap<string, Extension> {
  const seen = new Set<string>()
  let extensions: ReadonlyMap<string, Extension> = new Map()
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence, 'an attribute')
    const type = readOid(attribute, "an attribute's type")
    const values = attribute.enter(TAG.set, "an attribute's values")
    attribute.finish()
    if (seen.has(type)) throw invalid('it holds an attribute twice, so that readers may see different names in it')
    seen.add(type)
    if (type === MICROSOFT_EXTENSION_REQUEST)
      throw invalid('it asks for extensions in the way of old Windows tools; make it anew with another tool')
    if (type === EXTENSION_REQUEST) extensions = parseExtensionRequest(values)
    else values.skipWellFormed()
  }
  return extensions
}

function parseExtensionRequest(values: DerReader): ReadonlyMap<string, Extension> {
  const list = values.enter(TAG.sequence, 'its extension request')
  if (!values.done) throw invalid('its extension request has two values, so that readers may see different names in it')
  return list.done ? new Map() : parseExtensions(list, WHAT)
}

function refuseBadSignature(data: SignedData, publicKey: PublicKey): void {
  const problem = data.problem(publicKey)
  if (problem !== undefined) throw new PkiError('csr-signature', `the CSR's signature ${problem}; make the CSR anew`)
}

function passedOver(extensions: ReadonlyMap<string, Extension>): readonly string[] {
  const others = otherExtensions(extensions)
  const critical = others.find((extension) => extension.critical)
  if (critical !== undefined)
    throw invalid(`it holds the critical extension ${critical.oid}, which is not known here; remove it`)
  return others.map(({ oid }) => oid)
}

function withText(content: Omit<CertificationRequest, 'pem'>): CertificationRequest {
  let pem: string | undefined
  return {
    ...content,
    get pem() {
      pem ??= encodePem('CERTIFICATE REQUEST', content.der)
      return pem
    },
  }
}

function invalid(reason: string): PkiError {
  return new PkiError('csr-invalid', `the CSR cannot be used: ${reason}`)
}
