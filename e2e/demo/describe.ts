import { type Certificate, isSelfSigned, parseCertificates } from '../../src/pki/certificate.ts'

/** A chain as a person reads it, the certificate first. */
export function describeChain(pem: string): string {
  return parseCertificates(pem).map(describeCertificate).join('\n')
}

function describeCertificate(certificate: Certificate): string {
  const { subject, issuer, notBefore, notAfter, basicConstraints, keyUsage, publicKey, fingerprint, serialNumber } =
    certificate
  const path = basicConstraints?.cA === true ? `CA, path length ${basicConstraints.pathLength ?? 'unlimited'}` : 'no CA'
  return [
    `subject      ${subject.text === '' ? '(none)' : subject.text}`,
    `  signed by  ${isSelfSigned(certificate) ? 'itself: a root' : issuer.text}`,
    `  valid      ${day(notBefore)} to ${day(notAfter)}`,
    `  kind       ${path}; ${publicKey.description}; ${(keyUsage ?? []).join(', ')}`,
    `  serial     ${serialNumber}`,
    `  SHA-256    ${fingerprint}`,
  ].join('\n')
}

function day(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace('T', ' ')
}
