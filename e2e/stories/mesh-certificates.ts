import 'reflect-metadata'
import { X509Certificate as NodeCertificate } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from '@peculiar/x509'

const EXTENDED_KEY_USAGE = '2.5.29.37'
const NAME_CONSTRAINTS = '2.5.29.30'

/** What matters of a CA certificate, read by another library than the one under test. */
export interface Described {
  readonly subject: string
  readonly issuer: string
  readonly pathLength: number | undefined
  readonly isCA: boolean
  readonly keyUsage: readonly string[]
  readonly extendedKeyUsage: boolean
  readonly keyIdentifier: string | undefined
  readonly signerKeyIdentifier: string | undefined
  /** Milliseconds. */
  readonly lifetimeMs: number
}

export function describeCertificate(pem: string): Described {
  const certificate = new X509Certificate(pem)
  const constraints = certificate.getExtension(BasicConstraintsExtension)
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    pathLength: constraints?.pathLength,
    isCA: constraints?.ca === true && constraints.critical,
    keyUsage: Object.entries(KeyUsageFlags).flatMap(([name, bit]) =>
      typeof bit === 'number' && (usages & bit) !== 0 ? [name] : [],
    ),
    extendedKeyUsage: certificate.getExtension(EXTENDED_KEY_USAGE) !== null,
    keyIdentifier: certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId,
    signerKeyIdentifier: certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId,
    lifetimeMs: certificate.notAfter.getTime() - certificate.notBefore.getTime(),
  }
}

/** DER of the name constraints in hexadecimal, and whether they are critical. */
export function nameConstraintsOf(pem: string): { readonly hex: string; readonly critical: boolean } | undefined {
  const extension = new X509Certificate(pem).getExtension(NAME_CONSTRAINTS)
  if (extension === null) return undefined
  return { hex: Buffer.from(extension.value).toString('hex'), critical: extension.critical }
}

/** The certificates of a PEM text, each in canonical form: 64 columns and one newline at the end. */
export function canonicalBlocks(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new NodeCertificate(block).toString())
}

/** The bytes that `ca.crt` must have for these roots: the older first, of one age that with the lower fingerprint. */
export function canonicalRoots(...roots: readonly string[]): string {
  const certificates = roots.map((pem) => new NodeCertificate(pem))
  return certificates
    .toSorted((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom) || (fingerprint(a) < fingerprint(b) ? -1 : 1))
    .map((certificate) => certificate.toString())
    .join('')
}

/** Hex SHA-256 of a certificate, lower case. */
export function fingerprintOf(pem: string): string {
  return fingerprint(new NodeCertificate(pem))
}

function fingerprint(certificate: NodeCertificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase()
}
