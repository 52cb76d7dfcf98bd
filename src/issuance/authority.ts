import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { MeshNames } from '../pki/trial.ts'

/** Every certificate from the signer up to the root, each once. */
export function authorityLinks(authority: Authority): readonly Certificate[] {
  const below = authority.chain.filter((link) => link.fingerprint !== authority.root.fingerprint)
  return [...below, authority.root]
}

/** Which CA leaves no room for one of this path length below the signer, and what it allows. */
export function spentLink(
  authority: Authority,
  pathLength: number,
): { readonly subject: string; readonly limit: number } | undefined {
  for (const [below, { subject, basicConstraints }] of authorityLinks(authority).entries()) {
    const limit = basicConstraints?.pathLength
    if (limit !== undefined && pathLength + below + 1 > limit) return { subject: subject.text, limit }
  }
  return undefined
}

/** The names that a mesh CA of this issuer is proved with. */
export function meshNames({ mesh }: IssuerSpec): MeshNames {
  return { ...mesh, revisions: mesh.revisions ?? [], extraDNSNames: mesh.extraDNSNames ?? [] }
}
