import type { KeyObject } from 'node:crypto'
import { type CertificationRequest, parseCertificationRequest } from '../pki/csr.ts'
import { constructedTag } from '../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf, smallInteger } from '../pki/der-writer.ts'
import type { Extension } from '../pki/extensions.ts'
import { encodePem } from '../pki/pem.ts'
import { encodeExtension } from '../pki/tbs.ts'
import { buildCertificate, requestedExtensions } from './build-certificate.ts'
import type { TestCertificate, TestCertificateOptions, TestCsrOptions } from './certificate-options.ts'
import { testName } from './names.ts'
import { keyFor, once, pkcs8, publicKeyOf, schemeFor, seal } from './signing.ts'

/** The instant that the builders make validity around, in epoch milliseconds. */
export const TEST_NOW = Date.UTC(2026, 10, 23, 12)

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

/** A self-signed root of ten years, P-256, without a path length. */
export function testCa(options: TestCertificateOptions = {}): TestCertificate {
  return buildCertificate(
    { subject: 'CN=Test Root', notBefore: TEST_NOW - DAY_MS, notAfter: TEST_NOW + 3650 * DAY_MS, ...options },
    undefined,
  )
}

/** A CA of 90 days with path length 0 below another CA. */
export function testIntermediate(issuer: TestCertificate, options: TestCertificateOptions = {}): TestCertificate {
  return buildCertificate(
    {
      subject: 'CN=Test Intermediate',
      pathLength: 0,
      notBefore: TEST_NOW - DAY_MS,
      notAfter: TEST_NOW + 90 * DAY_MS,
      ...options,
    },
    issuer,
  )
}

/** An end-entity certificate of one day for client and server. */
export function testLeaf(issuer: TestCertificate, options: TestCertificateOptions = {}): TestCertificate {
  const extKeyUsage = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']
  const defaults = { subject: 'CN=Test Leaf', isCA: false, keyUsage: ['digitalSignature'], extKeyUsage } as const
  return buildCertificate(
    { ...defaults, notBefore: TEST_NOW - HOUR_MS, notAfter: TEST_NOW + DAY_MS, ...options },
    issuer,
  )
}

export interface TestCsr {
  /** Parsed at its first use, so that hostile ones can be made. */
  readonly csr: CertificationRequest
  readonly csrPem: string
  readonly privateKey: KeyObject
  /** PKCS#8 */
  readonly privateKeyPem: string
}

/** A signed PKCS#10 request, P-256; it asks for no extension that no option names. */
export function testCsr(options: TestCsrOptions = {}): TestCsr {
  const subject = options.subject ?? 'CN=Test Request'
  const privateKey = keyFor(options.key, subject)
  const publicKey = publicKeyOf(privateKey)
  const extensions = requestedExtensions(options, testName(subject), publicKey)
  const request = extensions.length === 0 ? [] : [testExtensionRequest(extensions)]
  const attributes = element(constructedTag(0), ...request, ...(options.attributes ?? []))
  const plain = sequence(smallInteger(0), testName(subject).der, publicKey.spki, attributes)
  const info = options.alter?.(plain) ?? plain
  const csrPem = encodePem('CERTIFICATE REQUEST', seal(info, options.scheme ?? schemeFor(publicKey), privateKey))
  const csr = once(() => parseCertificationRequest(csrPem))
  return {
    csrPem,
    privateKey,
    privateKeyPem: pkcs8(privateKey),
    get csr() {
      return csr()
    },
  }
}

/** The Attribute that carries extensions in a request. */
export function testExtensionRequest(...values: readonly (readonly Extension[])[]): Uint8Array {
  const lists = values.map((extensions) => sequence(...extensions.map(encodeExtension)))
  return sequence(objectIdentifier(EXTENSION_REQUEST), setOf(...lists))
}
