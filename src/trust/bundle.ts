import { createHash } from 'node:crypto'
import type { Certificate } from '../pki/certificate.ts'

/** The roots that a Secret publishes in `ca.crt`, in their one canonical form. */
export interface TrustBundle {
  /** Sorted by notBefore, then fingerprint; no root twice. */
  readonly roots: readonly Certificate[]
  /** The bytes of `ca.crt`: each PEM block ends with exactly one newline. */
  readonly pem: string
  /** Hex SHA-256 of those bytes. */
  readonly sha256: string
}

/**
 * Makes the canonical bundle. istiod compares `ca.crt` byte by byte and drops a renewal when it differs, so equal sets of
 * roots must give equal bytes, whatever order they came in (istio pilot/pkg/bootstrap/istio_ca.go, handleEvent).
 */
export function makeBundle(roots: readonly Certificate[]): TrustBundle {
  const distinct = [...new Map(roots.map((root) => [root.fingerprint, root])).values()]
  const sorted = distinct.sort(byAge)
  const pem = sorted.map((root) => root.pem).join('')
  return { roots: sorted, pem, sha256: createHash('sha256').update(pem).digest('hex') }
}

function byAge(a: Certificate, b: Certificate): number {
  return a.notBefore - b.notBefore || (a.fingerprint < b.fingerprint ? -1 : 1)
}
