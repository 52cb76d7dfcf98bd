import { sameBytes } from '../pki/bytes.ts'
import { type Certificate, parseCertificates } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { type IssuerLink, readIssuerLink } from '../pki/issuer-link.ts'
import { decodePem } from '../pki/pem.ts'
import { type TrustPair, trustPair } from '../trust/transition.ts'
import type { PairReader } from './request-record.ts'

/** More distinct bundles than any fleet has; beyond it the memory starts anew rather than grows. */
const REMEMBERED = 256

/**
 * Makes a reader of published pairs. Requests share their bundles, so what was read once is kept and shared: a cluster with
 * ten thousand finished requests then costs a look each at whom the top certificate names.
 */
export function makePairReader(): PairReader {
  const bundles = new Map<string, readonly Certificate[]>()
  const pairs = new Map<string, TrustPair>()
  return (certificate, ca) => {
    try {
      const roots = remembered(bundles, ca, () => parseCertificates(ca))
      const link = decodePem(certificate, 'CERTIFICATE').map(readIssuerLink).at(-1)
      const root = roots.find((candidate) => link !== undefined && names(link, candidate))
      if (root === undefined) return undefined
      const pair = trustPair(
        root.fingerprint,
        roots.map(({ fingerprint }) => fingerprint),
      )
      return remembered(pairs, `${pair.signerRoot} ${pair.roots.join(' ')}`, () => pair)
    } catch (error) {
      if (error instanceof PkiError) return undefined
      throw error
    }
  }
}

/** By name and key identifier alone: what was published was proved before, so the signature is not checked once more. */
function names({ issuer, authorityKeyIdentifier: wanted }: IssuerLink, root: Certificate): boolean {
  const { subjectKeyIdentifier: given } = root
  return (
    sameBytes(issuer, root.subject.der) && (wanted === undefined || given === undefined || sameBytes(wanted, given))
  )
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const before = known.get(key)
  if (before !== undefined) return before
  if (known.size >= REMEMBERED) known.clear()
  const made = make()
  known.set(key, made)
  return made
}
