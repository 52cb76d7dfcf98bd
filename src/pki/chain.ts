import { type Certificate, isSelfSigned, isSignedBy } from './certificate.ts'
import { PkiError, quote } from './error.ts'

export interface OrderedChain {
  /** The leaf, then each certificate's issuer, without the root; a self-signed leaf stands alone. */
  readonly chain: readonly Certificate[]
  /** The self-signed end. */
  readonly root: Certificate
}

/** Enough for any bundle; with each candidate tried once it bounds the signatures that a hostile answer makes us verify. */
const MOST_CANDIDATES = 100
const DEEPEST = 10

/**
 * Finds the way from the leaf to a self-signed root by names and signatures, among candidates in any order and with
 * duplicates. Where a certificate has several issuers, a root is taken before a cross certificate, and of roots the one
 * that lives longest, so that the order of the candidates does not matter.
 * @throws PkiError `chain-broken`, which says whose issuer is missing; `chain-too-long`
 */
export function orderChain(leaf: Certificate, candidates: readonly Certificate[]): OrderedChain {
  if (isSelfSigned(leaf)) return { chain: [leaf], root: leaf }
  const distinct = [...new Map(candidates.map((candidate) => [candidate.fingerprint, candidate])).values()].sort(byLife)
  if (distinct.length > MOST_CANDIDATES) {
    throw new PkiError(
      'chain-too-long',
      `there are more than ${MOST_CANDIDATES} certificates to build the chain from; remove those that do not belong to it`,
    )
  }
  const roots = distinct.filter(isSelfSigned)
  const others = distinct.filter(
    (candidate) => !roots.includes(candidate) && candidate.fingerprint !== leaf.fingerprint,
  )
  const found = climb(leaf, [], { roots, others, tried: new Set() })
  if ('root' in found) return found
  const { subject, issuer } = found.end
  throw new PkiError(
    'chain-broken',
    `the chain is broken: no certificate given is the issuer ${quote(issuer.text)} that signed ${quote(subject.text)}; add it`,
  )
}

interface Search {
  readonly roots: readonly Certificate[]
  readonly others: readonly Certificate[]
  /** A certificate that led nowhere once is not tried again. */
  readonly tried: Set<Certificate>
}

interface DeadEnd {
  readonly end: Certificate
  readonly depth: number
}

/** Depth first; of several dead ends the deepest is the one worth telling. */
function climb(top: Certificate, below: readonly Certificate[], search: Search): OrderedChain | DeadEnd {
  const chain = [...below, top]
  const root = search.roots.find((candidate) => isSignedBy(top, candidate))
  if (root !== undefined) return { chain, root }
  let deepest: DeadEnd = { end: top, depth: chain.length }
  for (const issuer of chain.length < DEEPEST ? search.others : []) {
    if (search.tried.has(issuer) || !isSignedBy(top, issuer)) continue
    search.tried.add(issuer)
    const found = climb(issuer, chain, search)
    if ('root' in found) return found
    if (found.depth > deepest.depth) deepest = found
  }
  return deepest
}

function byLife(a: Certificate, b: Certificate): number {
  return b.notAfter - a.notAfter || (a.fingerprint < b.fingerprint ? -1 : 1)
}
