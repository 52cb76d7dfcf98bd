import { PkiError, quote } from './error.ts'
import { EKU, type KeyUsage, sortKeyUsages } from './key-usage.ts'

/** cert-manager's names of key usages (pkg/apis/certmanager/v1/types.go). */
const KEY_USAGES: ReadonlyMap<string, KeyUsage> = new Map([
  ['signing', 'digitalSignature'],
  ['digital signature', 'digitalSignature'],
  ['content commitment', 'contentCommitment'],
  ['key encipherment', 'keyEncipherment'],
  ['data encipherment', 'dataEncipherment'],
  ['key agreement', 'keyAgreement'],
  ['cert sign', 'keyCertSign'],
  ['crl sign', 'cRLSign'],
  ['encipher only', 'encipherOnly'],
  ['decipher only', 'decipherOnly'],
])

/** cert-manager's names of extended key usages; Kubernetes CSRs use the same. */
const EXTENDED: ReadonlyMap<string, string> = new Map([
  ['any', EKU.any],
  ['server auth', EKU.serverAuth],
  ['client auth', EKU.clientAuth],
  ['code signing', '1.3.6.1.5.5.7.3.3'],
  ['email protection', '1.3.6.1.5.5.7.3.4'],
  ['s/mime', '1.3.6.1.5.5.7.3.4'],
  ['ipsec end system', '1.3.6.1.5.5.7.3.5'],
  ['ipsec tunnel', '1.3.6.1.5.5.7.3.6'],
  ['ipsec user', '1.3.6.1.5.5.7.3.7'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocsp signing', '1.3.6.1.5.5.7.3.9'],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
])

const DEFAULT_USAGES = ['digital signature', 'key encipherment']

export interface UsageExtensions {
  /** In the order of their bits, each once. */
  readonly keyUsage: readonly KeyUsage[]
  /** OIDs in the order asked for, a repeated one repeated: cert-manager compares this list with the CSR's in order. */
  readonly extKeyUsage: readonly string[]
}

/**
 * cert-manager usage names as extensions; none means digital signature and key encipherment, and a CA also signs
 * certificates (cert-manager pkg/util/pki/csr.go).
 * @throws PkiError `unknown-usage`
 */
export function usagesToExtensions(usages: readonly string[], isCA: boolean): UsageExtensions {
  const keyUsage = new Set<KeyUsage>(isCA ? ['keyCertSign'] : [])
  const extKeyUsage: string[] = []
  for (const usage of usages.length === 0 ? DEFAULT_USAGES : usages) {
    const bit = KEY_USAGES.get(usage)
    const oid = EXTENDED.get(usage)
    if (bit !== undefined) keyUsage.add(bit)
    else if (oid !== undefined) extKeyUsage.push(oid)
    else
      throw new PkiError(
        'unknown-usage',
        `${quote(usage)} is not a key usage that cert-manager defines; correct spec.usages`,
      )
  }
  return { keyUsage: sortKeyUsages(keyUsage), extKeyUsage }
}
