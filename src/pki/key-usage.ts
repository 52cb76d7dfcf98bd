import { DerReader, TAG } from './der-reader.ts'
import { readFlags, readOid } from './der-values.ts'
import { flags, objectIdentifier, sequence } from './der-writer.ts'

export type KeyUsage =
  | 'digitalSignature'
  | 'contentCommitment'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly'

/** RFC 5280 4.2.1.3: the place of a name is the number of its bit. */
const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

/** Extended key usages (RFC 5280 4.2.1.12) that this program speaks of. */
export const EKU = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** @param der value of the extension @returns the usages in the order of their bits */
export function parseKeyUsage(der: Uint8Array): readonly KeyUsage[] {
  const reader = new DerReader(der, 'the key usage extension')
  const bits = readFlags(reader, 'its value')
  reader.finish()
  const usages = KEY_USAGES.filter((_, bit) => bits.includes(bit))
  if (usages.length === 0 || usages.length !== bits.length)
    throw reader.error('it has no bit set, or one that is not defined')
  return usages
}

export function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  return flags(usages.map((usage) => KEY_USAGES.indexOf(usage)))
}

/** The usages in the order of their bits, each once. */
export function sortKeyUsages(usages: Iterable<KeyUsage>): readonly KeyUsage[] {
  const wanted = new Set(usages)
  return KEY_USAGES.filter((usage) => wanted.has(usage))
}

/** @param der value of the extension @returns OIDs in their order */
export function parseExtKeyUsage(der: Uint8Array): readonly string[] {
  const reader = new DerReader(der, 'the extended key usage extension')
  const list = reader.enter(TAG.sequence, 'its list')
  reader.finish()
  const oids: string[] = []
  do {
    oids.push(readOid(list, 'a usage'))
  } while (!list.done)
  return oids
}

export function encodeExtKeyUsage(oids: readonly string[]): Uint8Array {
  return sequence(...oids.map(objectIdentifier))
}
