import { createHash, type KeyObject } from 'node:crypto'
import { type Certificate, parseCertificate } from '../pki/certificate.ts'
import { type Extension, OID } from '../pki/extensions.ts'
import type { KeyUsage } from '../pki/key-usage.ts'
import type { Name } from '../pki/name.ts'
import { encodePem } from '../pki/pem.ts'
import { type PublicKey, subjectKeyIdentifier } from '../pki/public-key.ts'
import { makeSubjectAltName } from '../pki/san.ts'
import { type CertificateContent, contentExtensions, encodeTbs } from '../pki/tbs.ts'
import type { TestCertificate, TestCertificateOptions, TestCsrOptions } from './certificate-options.ts'
import { testName } from './names.ts'
import { keyFor, once, pkcs8, publicKeyOf, schemeFor, seal } from './signing.ts'

const CA_USAGES: readonly KeyUsage[] = ['digitalSignature', 'keyCertSign', 'cRLSign']

const NO_CONTENT = {
  serialNumber: Uint8Array.of(1),
  issuer: testName(''),
  notBefore: 0,
  notAfter: 0,
  isCA: false,
  keyUsage: [],
  extKeyUsage: [],
  authorityKeyIdentifier: new Uint8Array(0),
} as const

/** What the certificate writer would write for the extensions that the options name. */
export function requestedExtensions(
  options: TestCsrOptions,
  subject: Name,
  publicKey: PublicKey,
): readonly Extension[] {
  const { names, pathLength, nameConstraints } = options
  const content: CertificateContent = {
    ...NO_CONTENT,
    subject,
    publicKey,
    isCA: options.isCA ?? nameConstraints !== undefined,
    keyUsage: options.keyUsage ?? [],
    extKeyUsage: options.extKeyUsage ?? [],
    ...(names && { subjectAltName: makeSubjectAltName(names, subject.empty) }),
    ...(pathLength === undefined ? {} : { pathLength }),
    ...(nameConstraints && { nameConstraints }),
  }
  const unasked: readonly string[] = [
    OID.subjectKeyIdentifier,
    OID.authorityKeyIdentifier,
    ...(options.isCA === undefined ? [OID.basicConstraints] : []),
  ]
  const asked = contentExtensions(content).filter(({ oid }) => !unasked.includes(oid))
  return [...asked, ...(options.extensions ?? [])]
}

type Dated = TestCertificateOptions & { readonly notBefore: number; readonly notAfter: number }

interface Signer {
  readonly certificate: Pick<Certificate, 'subject' | 'publicKey' | 'subjectKeyIdentifier'>
  readonly privateKey: KeyObject
}

/** Makes and signs a certificate; self-signed without an issuer. */
export function buildCertificate(options: Dated, issuer: TestCertificate | undefined): TestCertificate {
  const subject = testName(options.subject ?? '')
  const privateKey = keyFor(options.key, options.subject ?? '')
  const publicKey = publicKeyOf(privateKey)
  const signer: Signer = issuer ?? { certificate: { subject, publicKey, subjectKeyIdentifier: undefined }, privateKey }
  const scheme = options.scheme ?? schemeFor(signer.certificate.publicKey)
  const draft = contentFor({ ...NO_CONTENT, subject, publicKey }, options, signer.certificate)
  const given = [...(options.without ?? []), ...(options.extensions ?? []).map(({ oid }) => oid)]
  // A root whose key identifier is a given one must not name itself by another.
  const replaced =
    issuer === undefined && given.includes(OID.subjectKeyIdentifier) ? [...given, OID.authorityKeyIdentifier] : given
  const kept = contentExtensions(draft).filter(({ oid }) => !replaced.includes(oid))
  const encode = (content: CertificateContent) =>
    encodeTbs(content, [...kept, ...(options.extensions ?? [])], { ...scheme, hash: null })
  const content = options.serialNumber === undefined ? { ...draft, serialNumber: serialOf(encode(draft)) } : draft
  const der = seal(encode(content), scheme, signer.privateKey)
  const certificate = once(() => parseCertificate(der))
  return {
    certificatePem: encodePem('CERTIFICATE', der),
    privateKey,
    privateKeyPem: pkcs8(privateKey),
    get certificate() {
      return certificate()
    },
  }
}

function contentFor(base: CertificateContent, options: Dated, issuer: Signer['certificate']): CertificateContent {
  const { names, nameConstraints, pathLength, isCA = true } = options
  return {
    ...base,
    issuer: issuer.subject,
    authorityKeyIdentifier: issuer.subjectKeyIdentifier ?? subjectKeyIdentifier(issuer.publicKey),
    isCA,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    serialNumber: options.serialNumber ?? base.serialNumber,
    keyUsage: options.keyUsage ?? CA_USAGES,
    extKeyUsage: options.extKeyUsage ?? [],
    ...(names && { subjectAltName: makeSubjectAltName(names, base.subject.empty) }),
    ...(isCA && nameConstraints && { nameConstraints }),
    ...(isCA && typeof pathLength === 'number' && { pathLength }),
  }
}

/** Different certificates get different serial numbers, the same ones in every run. */
function serialOf(tbs: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(tbs).digest().subarray(0, 16)
  return Uint8Array.from(digest, (octet, index) => (index === 0 ? (octet & 0x3f) | 0x40 : octet))
}
