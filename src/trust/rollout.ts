import {
  changeDigest,
  eachTrusts,
  type Step,
  safeSequence,
  samePair,
  stepBetween,
  type TrustPair,
} from './transition.ts'

/** What one Certificate carries, and since when without interruption. */
export interface Carried {
  /** `namespace/name` of the Certificate. */
  readonly certificate: string
  readonly pair: TrustPair
  /** Epoch milliseconds. */
  readonly since: number
}

export interface Rollout {
  /** What this Certificate carries now; undefined for its first issuance. */
  readonly own: Carried | undefined
  readonly next: TrustPair
  /** What the Certificates of the same issuer carry; `own` may be among them. Read only where a step is at stake. */
  readonly others: Iterable<Carried>
  readonly minimumDwellMs: number
  /** `trust.acceptUnsafeChange`. */
  readonly accepted: string | undefined
  readonly now: number
}

export type Verdict =
  | { readonly allowed: true; readonly step: Step | 'first' | 'accepted' }
  | {
      readonly allowed: false
      readonly code: 'TrustChangeUnsafe' | 'TrustChangeTooSoon' | 'TrustChangeOvertakes'
      readonly message: string
      /** When time alone will let it through, counted from now. */
      readonly waitMs?: number
    }

/**
 * Judges the pair about to be published: one step at a time, and none before every Certificate of the issuer has carried
 * for the dwell what trusts it and is trusted by it, since workloads hold what they were given for up to their certificate's
 * life. They need not carry the same: two that an edit overtook would wait for each other for ever.
 */
export function judge(rollout: Rollout): Verdict {
  const { own, next, accepted } = rollout
  if (own === undefined) return { allowed: true, step: 'first' }
  const step = stepBetween(own.pair, next)
  if (step === 'same') return { allowed: true, step }
  const digest = changeDigest(own.pair, next)
  if (accepted === digest) return { allowed: true, step: 'accepted' }
  if (step === undefined) return unsafe(own.pair, next, digest)
  return lagging(own, rollout, digest) ?? dwelling(own, rollout, digest) ?? { allowed: true, step }
}

function unsafe(from: TrustPair, to: TrustPair, digest: string): Verdict {
  const steps = safeSequence(from, to).map((pair, index) => `${index + 1}. ${describePair(pair)}`)
  return {
    allowed: false,
    code: 'TrustChangeUnsafe',
    message:
      `going from ${describePair(from)} to ${describePair(to)} in one step would break handshakes; ` +
      `go ${steps.join(', ')}, renewing every Certificate after each; ${override(digest)}`,
  }
}

function lagging(own: Carried, { others, next }: Rollout, digest: string): Verdict | undefined {
  const behind = [...others].filter((other) => !eachTrusts(other.pair, next))
  if (behind.length === 0) return undefined
  const names = behind.map((other) => other.certificate).sort()
  return {
    allowed: false,
    code: 'TrustChangeOvertakes',
    message: `renew ${listed(names)} first, so that every Certificate carries ${describePair(own.pair)}; ${override(digest)}`,
  }
}

function dwelling(own: Carried, rollout: Rollout, digest: string): Verdict | undefined {
  const present = [...rollout.others].filter((other) => !samePair(other.pair, rollout.next))
  const until = present.reduce((latest, { since }) => Math.max(latest, since), own.since) + rollout.minimumDwellMs
  if (until <= rollout.now) return undefined
  return {
    allowed: false,
    code: 'TrustChangeTooSoon',
    message: `${describePair(own.pair)} must stand until ${new Date(until).toISOString()} (trust.minimumDwell), so that every workload has picked it up; ${override(digest)}`,
    waitMs: until - rollout.now,
  }
}

function override(digest: string): string {
  return `to let this one change through all the same, set trust.acceptUnsafeChange to ${digest}`
}

/** More are counted, since messages are bounded and must keep the digest at their end. */
const ROOTS_SHOWN = 4

/** A pair in words, with fingerprints short enough to compare by eye. */
export function describePair({ signerRoot, roots }: TrustPair): string {
  const shown = roots.slice(0, ROOTS_SHOWN).map(short).join(', ')
  const more = roots.length > ROOTS_SHOWN ? ` and ${roots.length - ROOTS_SHOWN} more` : ''
  return `signer under ${short(signerRoot)} with roots {${shown}${more}}`
}

function short(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
