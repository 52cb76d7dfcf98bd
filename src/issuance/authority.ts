import type { Authority } from '../backends/backend.ts'
import type { Certificate } from '../pki/certificate.ts'

/** Every certificate from the signer up to the root, each once. */
export function authorityLinks(authority: Authority): readonly Certificate[] {
  const below = authority.chain.filter((link) => link.fingerprint !== authority.root.fingerprint)
  return [...below, authority.root]
}
