import type { QuotaUse } from '../backend.ts'
import { LostAnswers } from './lost-answers.ts'
import { Quota } from './quota.ts'

/** What all who use one CA in one region share. */
export interface Shared {
  readonly arn: string
  readonly issue: Quota
  readonly get: Quota
  readonly lost: LostAnswers
  /** The ARNs of the other CAs whose answers to orders for this request were lost; each is told once. */
  readonly lostElsewhere: (id: string) => readonly string[]
}

/** The quotas of a CA, as they stand. */
export function quotasOf({ issue, get }: Shared, now: number): readonly QuotaUse[] {
  return [
    { operation: 'IssueCertificate', ...issue.use(now) },
    { operation: 'GetCertificate', ...get.use(now) },
  ]
}

/** AWS's defaults for a new account, in calls per second ("AWS Private CA endpoints and quotas"). */
const ISSUE_LIMITS = { start: 25, least: 2, most: 1000 }
const GET_LIMITS = { start: 75, least: 6, most: 3000 }
/** More CAs than one controller would serve; of those beyond, the one that was opened longest ago learns its quota anew. */
const MOST = 1000

/** Gives whoever opens the same CA the same. */
export class SharedStates {
  readonly #states = new Map<string, Shared>()
  readonly #monotonic: () => number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  of(arn: string, region: string): Shared {
    const key = `${arn} ${region}`
    const now = this.#monotonic()
    const state = this.#states.get(key) ?? {
      arn,
      issue: new Quota(ISSUE_LIMITS, now),
      get: new Quota(GET_LIMITS, now),
      lost: new LostAnswers(),
      lostElsewhere: (id: string) => this.#lostElsewhere(arn, id),
    }
    this.#states.delete(key)
    this.#states.set(key, state)
    const [oldest] = this.#states.keys()
    if (this.#states.size > MOST && oldest !== undefined) this.#states.delete(oldest)
    return state
  }

  #lostElsewhere(arn: string, id: string): readonly string[] {
    return [...this.#states.values()]
      .filter((other) => other.arn !== arn && other.lost.settle(id))
      .map((other) => other.arn)
  }
}
