import { toHex } from '../../../pki/bytes.ts'
import { nullValue } from '../../../pki/der-writer.ts'
import type { Extension } from '../../../pki/extensions.ts'
import type { Name } from '../../../pki/name.ts'
import { encodePem } from '../../../pki/pem.ts'
import { samePublicKey } from '../../../pki/public-key.ts'
import { encodeTbs } from '../../../pki/tbs.ts'
import { seal, type TestScheme, testScheme } from '../../signing.ts'
import type { Authority } from './authority.ts'
import { AwsError } from './aws-error.ts'
import type { Csr } from './csr.ts'
import type { Passthrough } from './passthrough.ts'
import { composeExtensions, type Template } from './templates.ts'
import { checkPeriod, type Period } from './validity.ts'

/** Everything that IssueCertificate was asked for, read. */
export interface Order {
  readonly template: Template
  readonly csr: Csr
  /** SigningAlgorithm of the service model. */
  readonly signingAlgorithm: string
  readonly period: Period
  readonly passthrough: Passthrough
}

const ECDSA = '1.2.840.10045.4.3'
const RSA = '1.2.840.113549.1.1'

const SCHEMES: Readonly<Record<string, { readonly family: 'ECDSA' | 'RSA'; readonly scheme: TestScheme }>> = {
  SHA256WITHECDSA: { family: 'ECDSA', scheme: testScheme(`${ECDSA}.2`, 'sha256') },
  SHA384WITHECDSA: { family: 'ECDSA', scheme: testScheme(`${ECDSA}.3`, 'sha384') },
  SHA512WITHECDSA: { family: 'ECDSA', scheme: testScheme(`${ECDSA}.4`, 'sha512') },
  SHA256WITHRSA: { family: 'RSA', scheme: testScheme(`${RSA}.11`, 'sha256', nullValue()) },
  SHA384WITHRSA: { family: 'RSA', scheme: testScheme(`${RSA}.12`, 'sha384', nullValue()) },
  SHA512WITHRSA: { family: 'RSA', scheme: testScheme(`${RSA}.13`, 'sha512', nullValue()) },
}

export const SIGNING_ALGORITHMS: readonly string[] = Object.keys(SCHEMES)

/** What the CA refuses to sign. @throws AwsError `InvalidArgsException`, `ValidationException` */
export function checkOrder(authority: Authority, order: Order, now: number): void {
  const { certificate, options } = authority
  if (SCHEMES[order.signingAlgorithm]?.family !== certificate.publicKey.kind.slice(0, 5).replace(/-$/, '')) {
    throw new AwsError(
      'InvalidArgsException',
      `The signing algorithm ${order.signingAlgorithm} does not match the key algorithm of the certificate authority`,
    )
  }
  checkPeriod(order.period, now, { notAfter: certificate.notAfter, usageMode: options.usageMode ?? 'GENERAL_PURPOSE' })
  checkPathLength(authority, order.template)
  if (order.template.root && !samePublicKey(order.csr.publicKey, certificate.publicKey)) {
    throw invalid(`The template ${order.template.name} is for the certificate authority's own CSR only`)
  }
}

function checkPathLength({ certificate }: Authority, { isCA, root, pathLength }: Template): void {
  const limit = certificate.basicConstraints?.pathLength
  if (!isCA || root || limit === undefined || pathLength === undefined || pathLength < limit) return
  throw invalid(
    `The path length ${pathLength} of the template is not below the path length ${limit} of the certificate authority`,
  )
}

export interface Signed {
  /** Lower-case hex. */
  readonly serialNumber: string
  readonly certificatePem: string
}

/** Signs whatever was ordered, the values of extensions as they came. @param random 16 octets for the serial number */
export function signCertificate(authority: Authority, order: Order, random: Uint8Array): Signed {
  const { template, csr, passthrough, period } = order
  const { scheme } = SCHEMES[order.signingAlgorithm] ?? {}
  if (scheme === undefined) throw new Error('checkOrder comes first')
  const subject = (template.takesApi ? passthrough.subject : undefined) ?? csr.subject
  const extensions = composeExtensions({ template, authority, csr, api: passthrough.extensions })
  const serialNumber = positive(random)
  const contents = encode({ ...period, serialNumber, subject }, { authority, csr, extensions }, scheme)
  const certificatePem = encodePem('CERTIFICATE', seal(contents, scheme, authority.privateKey))
  return { serialNumber: toHex(serialNumber), certificatePem }
}

function encode(
  said: Period & { readonly serialNumber: Uint8Array; readonly subject: Name },
  {
    authority,
    csr,
    extensions,
  }: { readonly authority: Authority; readonly csr: Csr; readonly extensions: readonly Extension[] },
  scheme: TestScheme,
): Uint8Array {
  const content = {
    ...said,
    issuer: authority.certificate.subject,
    publicKey: csr.publicKey,
    isCA: false,
    keyUsage: [],
    extKeyUsage: [],
    authorityKeyIdentifier: new Uint8Array(0),
  }
  return encodeTbs(content, extensions, { ...scheme, hash: null })
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** Serial numbers are positive; the same length every time. */
function positive(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(octets, (octet, index) => (index === 0 ? (octet & 0x3f) | 0x40 : octet))
}
