import { createHash } from 'node:crypto'
import { sameBytes, toHex } from './bytes.ts'
import { type CertificateExtensions, parseCertificateExtensions } from './certificate-extensions.ts'
import { constructedTag, contextTag, DerReader, TAG } from './der-reader.ts'
import { readBitString, readNumber, readTime, readUnsigned } from './der-values.ts'
import { PkiError } from './error.ts'
import { parseExtensions } from './extensions.ts'
import { type Name, parseName, sameName } from './name.ts'
import { decodePem, encodePem } from './pem.ts'
import { type PublicKey, publicKeyFromSpki } from './public-key.ts'
import { algorithmOid, SignedData } from './signature-algorithm.ts'

/** An X.509 version 3 certificate (RFC 5280). Instants are in epoch milliseconds. */
export interface Certificate extends CertificateExtensions {
  readonly der: Uint8Array
  /** One block, one newline at its end. */
  readonly pem: string
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  /** Lower-case hex, without a sign octet. */
  readonly serialNumber: string
  readonly subject: Name
  readonly issuer: Name
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: PublicKey
  /** OID */
  readonly signatureAlgorithm: string
  readonly signedData: SignedData
}

const WHAT = 'the certificate'
const VERSION_3 = 2
const MOST_SERIAL_OCTETS = 20

type Contents = Omit<Certificate, 'pem' | 'fingerprint' | 'der' | 'signedData'>

/**
 * Reads one certificate: strict DER, version 3, no extension twice. Nothing is verified here.
 * @throws PkiError `der-invalid`, `certificate-invalid`, and what the readers of keys and extensions throw
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(der, WHAT)
  const certificate = outer.enter(TAG.sequence, 'the certificate')
  outer.finish()
  const signed = certificate.element('its contents')
  const algorithmIdentifier = certificate.element('its signature algorithm')
  const signature = readBitString(certificate, 'its signature')
  certificate.finish()
  return withText(
    der,
    parseContents(signed, algorithmIdentifier),
    new SignedData({ signed, algorithmIdentifier, signature }),
  )
}

/** @throws PkiError as decodePem and parseCertificate */
export function parseCertificates(pem: string): readonly Certificate[] {
  return decodePem(pem, 'CERTIFICATE').map(parseCertificate)
}

/** Whether it names itself as its issuer and its own key verifies it; SHA-1 is let pass, for the oldest roots. */
export function isSelfSigned(certificate: Certificate): boolean {
  return namesIssuer(certificate, certificate) && verifies(certificate.signedData, certificate.publicKey, true)
}

/** Whether names, key identifiers (where both have one) and signature say that `issuer` signed it. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  return namesIssuer(certificate, issuer) && verifies(certificate.signedData, issuer.publicKey, false)
}

/** Whether `issuer` is whom the certificate names, going by names, key identifiers and serial number alone. */
export function namesIssuer(certificate: Certificate, issuer: Certificate): boolean {
  const { authorityKeyIdentifier: wanted } = certificate
  const { subjectKeyIdentifier: given } = issuer
  return (
    sameName(certificate.issuer, issuer.subject) &&
    (wanted === undefined || given === undefined || sameBytes(wanted, given)) &&
    isAuthorityCertificate(certificate, issuer)
  )
}

/** Go does not look at these two; OpenSSL and BoringSSL find no issuer where one differs, say after its renewal. */
function isAuthorityCertificate({ authorityCertificate }: Certificate, { serialNumber, issuer }: Certificate): boolean {
  const { serialNumber: serial = serialNumber, issuer: name = issuer.der } = authorityCertificate ?? {}
  return serial === serialNumber && sameBytes(name, issuer.der)
}

function verifies(data: SignedData, key: PublicKey, legacy: boolean): boolean {
  try {
    return data.problem(key, legacy) === undefined
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

function parseContents(signed: Uint8Array, algorithmIdentifier: Uint8Array): Contents {
  const outer = new DerReader(signed, WHAT)
  const tbs = outer.enter(TAG.sequence, 'its contents')
  outer.finish()
  if (readVersion(tbs) !== VERSION_3) throw invalid('it is not of version 3')
  const serialNumber = readSerialNumber(tbs)
  if (!sameBytes(tbs.element('its signature algorithm'), algorithmIdentifier))
    throw invalid('its two signature algorithms differ')
  const issuer = parseName(tbs.element('its issuer'), WHAT)
  const validity = tbs.enter(TAG.sequence, 'its validity')
  const notBefore = readTime(validity, 'its notBefore')
  const notAfter = readTime(validity, 'its notAfter')
  validity.finish()
  const subject = parseName(tbs.element('its subject'), WHAT)
  const publicKey = publicKeyFromSpki(tbs.element('its public key'))
  if (tbs.nextIs(contextTag(1)) || tbs.nextIs(contextTag(2)))
    throw invalid('it has unique identifiers, which RFC 5280 forbids')
  const signatureAlgorithm = algorithmOid(algorithmIdentifier)
  const extensions = readExtensions(tbs)
  tbs.finish()
  return { serialNumber, issuer, subject, notBefore, notAfter, publicKey, signatureAlgorithm, ...extensions }
}

/** @returns undefined where there is none, which means version 1 */
function readVersion(tbs: DerReader): number | undefined {
  if (!tbs.nextIs(constructedTag(0))) return undefined
  const wrapper = tbs.enter(constructedTag(0), 'its version')
  const version = readNumber(wrapper, 'its version')
  wrapper.finish()
  return version
}

/** RFC 5280 4.1.2.2: at most 20 octets, not negative; zero is met in old roots. */
function readSerialNumber(tbs: DerReader): string {
  const serialNumber = readUnsigned(tbs, 'its serial number')
  if (serialNumber.length > MOST_SERIAL_OCTETS) throw invalid('its serial number is longer than 20 octets')
  return toHex(serialNumber)
}

function readExtensions(tbs: DerReader): CertificateExtensions {
  if (tbs.done) return parseCertificateExtensions(new Map())
  const wrapper = tbs.enter(constructedTag(3), 'its extensions')
  const extensions = parseExtensions(wrapper.enter(TAG.sequence, 'its extensions'), WHAT)
  wrapper.finish()
  return parseCertificateExtensions(extensions)
}

/** Adds what is made at its first use: most certificates are never printed. */
function withText(der: Uint8Array, contents: Contents, signedData: SignedData): Certificate {
  let pem: string | undefined
  let fingerprint: string | undefined
  return {
    ...contents,
    der,
    signedData,
    get pem() {
      pem ??= encodePem('CERTIFICATE', der)
      return pem
    },
    get fingerprint() {
      fingerprint ??= createHash('sha256').update(der).digest('hex')
      return fingerprint
    },
  }
}

function invalid(reason: string): PkiError {
  return new PkiError('certificate-invalid', `the certificate cannot be used: ${reason}`)
}
