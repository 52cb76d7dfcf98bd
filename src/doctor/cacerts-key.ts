import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { Certificate } from '../pki/certificate.ts'
import type { EntryNames } from './cacerts-names.ts'
import { type Finding, finding } from './finding.ts'
import { type PemBlock, readPemBlocks } from './pem-blocks.ts'

const KEY_FORMS: Readonly<Record<string, 'pkcs1' | 'sec1' | 'pkcs8'>> = {
  'RSA PRIVATE KEY': 'pkcs1',
  'EC PRIVATE KEY': 'sec1',
  'PRIVATE KEY': 'pkcs8',
}

export interface KeyPlace {
  readonly where: string
  readonly names: EntryNames
}

/** Whether istiod would read the key, and take it for that of its CA. Nothing of the key gets into what is said. */
export function keyFindings(
  text: string,
  certificate: Certificate | undefined,
  { where: whole, names }: KeyPlace,
): readonly Finding[] {
  if (text.trim() === '') return []
  const where = `${whole}, ${names.key}`
  const [first] = readPemBlocks(text).blocks
  const spki = first === undefined ? undefined : publicKeyOf(first)
  if (spki === undefined)
    return [
      finding('KeyUnreadable', {
        where,
        what: 'its first PEM block is no private key that istiod reads',
        remedy:
          'keep one unencrypted key there, as RSA PRIVATE KEY, EC PRIVATE KEY or PRIVATE KEY, with no block before it',
      }),
    ]
  if (certificate === undefined || spki.equals(certificate.publicKey.spki)) return []
  return [
    finding('KeyMismatch', {
      where,
      what: `it is not the key of the first certificate in ${names.certificate}, and istiod takes neither`,
      remedy: `put istiod's own CA first in ${names.certificate}, or renew the Certificate so that both are written together`,
    }),
  ]
}

/** The reader's own words may quote the key, so nothing of them is passed on. */
function publicKeyOf({ label, der, headers }: PemBlock): Buffer | undefined {
  const type = headers ? undefined : KEY_FORMS[label]
  if (type === undefined) return undefined
  try {
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type })
    return createPublicKey(key).export({ format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
