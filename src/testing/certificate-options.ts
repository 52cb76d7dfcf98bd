import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../pki/certificate.ts'
import type { Extension } from '../pki/extensions.ts'
import type { KeyUsage } from '../pki/key-usage.ts'
import type { NameConstraints } from '../pki/name-constraints.ts'
import type { GeneralName } from '../pki/san.ts'
import type { TestKeyKind } from './keys.ts'
import type { TestScheme } from './signing.ts'

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
