import { isSelfSigned, parseCertificate } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { PART_NAMES } from './cacerts-names.ts'
import type { CacertsInput } from './cacerts-read.ts'
import { type PemBlock, readPemBlocks } from './pem-blocks.ts'

/**
 * Sorts loose PEM text into the parts of a `cacerts`: the first certificate is istiod's CA, the self-signed ones are the
 * roots, what is left is the chain. The key may be missing.
 */
export function cacertsFromPem(text: string): Pick<CacertsInput, 'data' | 'names' | 'withKey'> {
  const { blocks, broken } = readPemBlocks(text)
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE')
  const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  const roots = certificates.filter(isRoot)
  const chain = certificates.filter((block, index) => index === 0 || !roots.includes(block))
  const data = {
    // With a part that cannot be read, everything but the key is shown to the reader, so that it is told.
    [PART_NAMES.chain]: broken > 0 ? text.replace(key?.text.trimEnd() ?? '', '') : textOf(chain),
    [PART_NAMES.roots]: textOf(roots),
    ...(key === undefined ? {} : { [PART_NAMES.key]: key.text }),
  }
  return { data, names: PART_NAMES, withKey: key !== undefined }
}

function isRoot({ der }: PemBlock): boolean {
  try {
    return isSelfSigned(parseCertificate(der))
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

function textOf(blocks: readonly PemBlock[]): string {
  return blocks.map(({ text }) => text).join('')
}
