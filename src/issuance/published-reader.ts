import { sameBytes } from '../pki/bytes.ts'
import { type Certificate, parseCertificates } from '../pki/certificate.ts'
import { type CertificateHead, readCertificateHead } from '../pki/certificate-head.ts'
import { PkiError } from '../pki/error.ts'
import { decodePem } from '../pki/pem.ts'
import { type TrustPair, trustPair } from '../trust/transition.ts'
import type { PublishedReader } from './request-record.ts'

/** More distinct bundles than any fleet has; beyond it the memory starts anew rather than grows. */
const REMEMBERED = 256

/**
 * Makes a reader of what was published. Requests share their bundles, so what was read once is kept and shared: a cluster
 * with ten thousand finished requests then costs a look each at the heads of the certificates.
 */
export function makePublishedReader(): PublishedReader {
  const bundles = new Map<string, readonly Certificate[]>()
  const pairs = new Map<string, TrustPair>()
  return (certificate, ca) => {
    try {
      const roots = remembered(bundles, ca, () => parseCertificates(ca))
      const heads = decodePem(certificate, 'CERTIFICATE').map(readCertificateHead)
      const [own, top] = [heads[0], heads.at(-1)]
      const root = roots.find((candidate) => top !== undefined && names(top, candidate))
      if (root === undefined || own === undefined) return undefined
      const pair = trustPair(
        root.fingerprint,
        roots.map(({ fingerprint }) => fingerprint),
      )
      const { notBefore, notAfter } = own
      const shared = remembered(pairs, `${pair.signerRoot} ${pair.roots.join(' ')}`, () => pair)
      return { pair: shared, validity: { notBefore, notAfter } }
    } catch (error) {
      if (error instanceof PkiError) return undefined
      throw error
    }
  }
}

/** By name and key identifier alone: what was published was proved before, so the signature is not checked once more. */
function names({ issuer, authorityKeyIdentifier: wanted }: CertificateHead, root: Certificate): boolean {
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
