import type { Condition } from '../api/condition.ts'
import { formatTime, parseTime } from '../api/time.ts'
import { type Carried, describePair } from '../trust/rollout.ts'
import { trustPair } from '../trust/transition.ts'
import type { TrustStep } from './decide.ts'

/**
 * Our own condition on a CertificateRequest: its lastTransitionTime says since when its Certificate carries this pair. On a
 * request that is not issued it notes the pair of the one before, since cert-manager deletes that while this one waits
 * (cert-manager v1.21.1 pkg/controller/certificates/revisionmanager).
 */
export const TRUST_PAIR_CONDITION = 'meshca.dev/TrustPair'

/** What a waiting request notes of its Certificate. */
export interface Note extends Pick<Carried, 'pair' | 'since'> {
  /** Key of the issuer that signed what the Certificate carries. */
  readonly issuer: string
}

const NOTED = 'Carried'
const NOTE = /^signer under ([0-9a-f]{64}) with roots \{([0-9a-f]{64}(?:, [0-9a-f]{64})*)\}, issued by (\S+)$/

/**
 * The condition of an issued request. The first one of a Certificate needs none: its certificate says what the pair is, and
 * its Ready condition since when; another condition would cost the API server a fifteenth of the write.
 */
export function issuedCondition({ step, pair, since }: TrustStep, now: number): Condition | undefined {
  if (step === 'first') return undefined
  return {
    type: TRUST_PAIR_CONDITION,
    status: 'True',
    reason: STEP_REASONS[step],
    message: describePair(pair),
    lastTransitionTime: formatTime(since ?? now),
  }
}

/** The condition of a request that is not issued. */
export function notedCondition({ pair: { signerRoot, roots }, since, issuer }: Note): Condition {
  return {
    type: TRUST_PAIR_CONDITION,
    status: 'False',
    reason: NOTED,
    message: `signer under ${signerRoot} with roots {${roots.join(', ')}}, issued by ${issuer}`,
    lastTransitionTime: formatTime(since),
  }
}

/** Reads what `notedCondition` wrote; undefined for anything else. */
export function readNoted(condition: Condition | undefined): Note | undefined {
  if (condition?.reason !== NOTED) return undefined
  const [, signerRoot, roots, issuer] = NOTE.exec(condition.message ?? '') ?? []
  const since = parseTime(condition.lastTransitionTime)
  if (signerRoot === undefined || roots === undefined || issuer === undefined || since === undefined) return undefined
  return { pair: trustPair(signerRoot, roots.split(', ')), since, issuer }
}

const STEP_REASONS: Readonly<Record<Exclude<TrustStep['step'], 'first'>, string>> = {
  same: 'Same',
  widen: 'Widened',
  'move-signer': 'SignerMoved',
  narrow: 'Narrowed',
  accepted: 'UnsafeChangeAccepted',
}
