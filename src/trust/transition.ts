import { createHash } from 'node:crypto'

/** What a Certificate carries: the root its signer chains to, and the set of roots in `ca.crt`. Hex SHA-256 fingerprints. */
export interface TrustPair {
  readonly signerRoot: string
  /** Sorted, no fingerprint twice. */
  readonly roots: readonly string[]
}

/** A single change of the pair that every neighbour survives (facts: one thing per step). */
export type Step = 'same' | 'widen' | 'move-signer' | 'narrow'

export function trustPair(signerRoot: string, roots: readonly string[]): TrustPair {
  return { signerRoot, roots: [...new Set(roots)].sort() }
}

export function samePair(a: TrustPair, b: TrustPair): boolean {
  return a === b || (a.signerRoot === b.signerRoot && sameSet(a.roots, b.roots))
}

/** Whether workloads that were given the one and the other accept each other. */
export function eachTrusts(a: TrustPair, b: TrustPair): boolean {
  return a.roots.includes(b.signerRoot) && b.roots.includes(a.signerRoot)
}

/**
 * Names the one step that leads from a pair to the next, or undefined where it takes more than one.
 * A running istiod takes unsafe jumps without a word once its multi-root flag is on, so this table is what protects it.
 */
export function stepBetween(from: TrustPair, to: TrustPair): Step | undefined {
  if (!from.roots.includes(from.signerRoot) || !to.roots.includes(to.signerRoot)) return undefined
  if (samePair(from, to)) return 'same'
  if (sameSet(from.roots, to.roots)) return 'move-signer'
  if (from.signerRoot !== to.signerRoot) return undefined
  if (within(from.roots, to.roots)) return 'widen'
  if (within(to.roots, from.roots)) return 'narrow'
  return undefined
}

/** The shortest sequence of pairs, `from` left out, in which each neighbour is a single step: widen, move the signer, narrow. */
export function safeSequence(from: TrustPair, to: TrustPair): readonly TrustPair[] {
  const union = [...from.roots, ...to.roots, from.signerRoot, to.signerRoot]
  const path = [trustPair(from.signerRoot, union), trustPair(to.signerRoot, union), to]
  return path.filter((pair, index) => !samePair(pair, path[index - 1] ?? from))
}

/** Hex SHA-256 over old signer root, old set, new signer root, new set: names one change and no other. */
export function changeDigest(from: TrustPair, to: TrustPair): string {
  const words = [from.signerRoot, from.roots.join(','), to.signerRoot, to.roots.join(',')]
  return createHash('sha256').update(words.join('\n')).digest('hex')
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return within(a, b) && within(b, a)
}

function within(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((item) => outer.includes(item))
}
