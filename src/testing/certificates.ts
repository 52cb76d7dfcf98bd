import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../pki/certificate.ts'
import { type CertificationRequest, parseCertificationRequest } from '../pki/csr.ts'
import { constructedTag } from '../pki/der-reader.ts'
import { element, objectIdentifier, sequence, setOf, smallInteger } from '../pki/der-writer.ts'
import type { Extension } from '../pki/extensions.ts'
import type { KeyUsage } from '../pki/key-usage.ts'
import type { NameConstraints } from '../pki/name-constraints.ts'
import { encodePem } from '../pki/pem.ts'
import type { GeneralName } from '../pki/san.ts'
import { encodeExtension } from '../pki/tbs.ts'
import { buildCertificate, requestedExtensions } from './build-certificate.ts'
import type { TestKeyKind } from './keys.ts'
import { testName } from './names.ts'
import { keyFor, once, pkcs8, publicKeyOf, schemeFor, seal, type TestScheme } from './signing.ts'

/** The instant that the builders make validity around, in epoch milliseconds. */
export const TEST_NOW = Date.UTC(2026, 10, 23, 12)

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

/** What can be changed in a certificate; each builder has its own defaults for the rest. */
export interface TestCertificateOptions {
  /** RFC 4514. */
  readonly subject?: string
  /** A kind (the key then follows from the subject; RSA is made at random) or a private key, say from `testKeys()`. */
  readonly key?: TestKeyKind | KeyObject
  readonly notBefore?: number
  readonly notAfter?: number
  readonly serialNumber?: Uint8Array
  readonly isCA?: boolean
  /** null = none. */
  readonly pathLength?: number | null
  readonly keyUsage?: readonly KeyUsage[]
  readonly extKeyUsage?: readonly string[]
  readonly names?: readonly GeneralName[]
  readonly nameConstraints?: NameConstraints
  /** Raw extensions: each takes the place of the one with its OID, or is added. */
  readonly extensions?: readonly Extension[]
  /** OIDs of extensions to leave out. */
  readonly without?: readonly string[]
  /** How it is signed, where not as the issuer's key asks for. */
  readonly scheme?: TestScheme
}

export interface TestCertificate {
  /** Parsed at its first use, so that hostile ones can be made. */
  readonly certificate: Certificate
  readonly certificatePem: string
  readonly privateKey: KeyObject
  /** PKCS#8 */
  readonly privateKeyPem: string
}

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

export interface TestCsrOptions {
  readonly subject?: string
  readonly key?: TestKeyKind | KeyObject
  readonly names?: readonly GeneralName[]
  readonly keyUsage?: readonly KeyUsage[]
  readonly extKeyUsage?: readonly string[]
  /** States basicConstraints; with `pathLength` if given. */
  readonly isCA?: boolean
  readonly pathLength?: number
  readonly nameConstraints?: NameConstraints
  /** Raw extensions, behind the others, duplicates and all. */
  readonly extensions?: readonly Extension[]
  /** Raw Attribute elements, behind the extension request. */
  readonly attributes?: readonly Uint8Array[]
  /** Changes the CertificationRequestInfo before it is signed. */
  readonly alter?: (info: Uint8Array) => Uint8Array
  readonly scheme?: TestScheme
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
