import { createHash } from 'node:crypto'
import { type Certificate, parseCertificates } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { sameName } from '../pki/name.ts'
import { type TrustPair, trustPair } from '../trust/transition.ts'
import type { PairReader } from './request-record.ts'

/** More distinct bundles than any fleet has; beyond it the memory starts anew rather than grows. */
const REMEMBERED = 256

/**
 * Makes a reader of published pairs. Requests share their bundles, so what was read once is kept and shared: a cluster with
 * ten thousand finished requests then costs a parse each of the top certificate only.
 */
export function makePairReader(): PairReader {
  const bundles = new Map<string, readonly Certificate[]>()
  const pairs = new Map<string, TrustPair>()
  return (certificate, ca) => {
    try {
      const roots = remembered(bundles, createHash('sha256').update(ca).digest('base64'), () => parseCertificates(ca))
      const top = parseCertificates(certificate).at(-1)
      const root = roots.find((candidate) => top !== undefined && namesAsIssuer(top, candidate))
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
function namesAsIssuer(certificate: Certificate, issuer: Certificate): boolean {
  if (!sameName(certificate.issuer, issuer.subject)) return false
  const { authorityKeyIdentifier: above } = certificate
  return (
    above === undefined ||
    issuer.subjectKeyIdentifier === undefined ||
    Buffer.from(above).equals(issuer.subjectKeyIdentifier)
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
