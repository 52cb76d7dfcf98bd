import type { ExtendedKeyUsage, KeyUsage as KeyUsageFlags } from '@aws-sdk/client-acm-pca'
import { EKU, type KeyUsage } from '../../pki/key-usage.ts'
import { encodeNameConstraints, type NameConstraints } from '../../pki/name-constraints.ts'
import { CODE_SIGNING, OCSP_SIGNING } from './template-table.ts'

const FLAGS: Readonly<Record<KeyUsage, keyof KeyUsageFlags>> = {
  digitalSignature: 'DigitalSignature',
  contentCommitment: 'NonRepudiation',
  keyEncipherment: 'KeyEncipherment',
  dataEncipherment: 'DataEncipherment',
  keyAgreement: 'KeyAgreement',
  keyCertSign: 'KeyCertSign',
  cRLSign: 'CRLSign',
  encipherOnly: 'EncipherOnly',
  decipherOnly: 'DecipherOnly',
}

/** Those that AWS has a word for; the others are given by their OID. */
const PURPOSES: ReadonlyMap<string, NonNullable<ExtendedKeyUsage['ExtendedKeyUsageType']>> = new Map([
  [EKU.serverAuth, 'SERVER_AUTH'],
  [EKU.clientAuth, 'CLIENT_AUTH'],
  [CODE_SIGNING, 'CODE_SIGNING'],
  ['1.3.6.1.5.5.7.3.4', 'EMAIL_PROTECTION'],
  ['1.3.6.1.5.5.7.3.8', 'TIME_STAMPING'],
  [OCSP_SIGNING, 'OCSP_SIGNING'],
])

const NAME_CONSTRAINTS = '2.5.29.30'

/** What the call adds to a template that takes extensions from it. */
export interface AddedExtensions {
  readonly keyUsage: readonly KeyUsage[]
  /** OIDs */
  readonly extKeyUsage: readonly string[]
  readonly nameConstraints: NameConstraints | undefined
}

/** ApiPassthrough of the service model, with the members that are used here. */
export interface Passthrough {
  readonly Extensions: {
    readonly KeyUsage?: KeyUsageFlags
    readonly ExtendedKeyUsage?: ExtendedKeyUsage[]
    readonly CustomExtensions?: { ObjectIdentifier: string; Value: string; Critical: boolean }[]
  }
}

/**
 * The extensions in AWS's words, in one order, so that equal requests are equal bytes; undefined where there are none.
 * @throws PkiError `name-constraints-invalid`
 */
export function encodePassthrough({
  keyUsage,
  extKeyUsage,
  nameConstraints,
}: AddedExtensions): Passthrough | undefined {
  const extensions = {
    ...(keyUsage.length === 0 ? {} : { KeyUsage: Object.fromEntries(keyUsage.map((usage) => [FLAGS[usage], true])) }),
    ...(extKeyUsage.length === 0 ? {} : { ExtendedKeyUsage: [...new Set(extKeyUsage)].map(purpose) }),
    ...(nameConstraints === undefined ? {} : { CustomExtensions: [constraintsExtension(nameConstraints)] }),
  }
  return Object.keys(extensions).length === 0 ? undefined : { Extensions: extensions }
}

function purpose(oid: string): ExtendedKeyUsage {
  const type = PURPOSES.get(oid)
  return type === undefined ? { ExtendedKeyUsageObjectIdentifier: oid } : { ExtendedKeyUsageType: type }
}

function constraintsExtension(nameConstraints: NameConstraints): {
  ObjectIdentifier: string
  Value: string
  Critical: boolean
} {
  return {
    ObjectIdentifier: NAME_CONSTRAINTS,
    Value: Buffer.from(encodeNameConstraints(nameConstraints)).toString('base64'),
    Critical: nameConstraints.critical,
  }
}
