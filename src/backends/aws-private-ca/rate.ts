import { RefusedShare } from './refused-share.ts'

/** Calls per second. */
export interface RateLimits {
  /** Where it begins, without knowing the quota: what each account has. Also the most calls at once. */
  readonly start: number
  readonly least: number
  readonly most: number
}

/** Throttles within this time of a cut tell of the same excess. */
const CUT_PAUSE_MS = 1000
/** How much of the starting rate is won back in a second after a cut. */
const REGAIN = 0.5
/** More than three calls for one that is taken. */
const TOO_MUCH = 2 / 3

/**
 * How fast a service may be called whose quota nobody knows: AWS's default for a new account can have been raised, and others
 * may share it. A bucket of tokens fills at a rate that doubles within a second as long as nothing was ever throttled and all
 * of it is used, halves when the service throttles, and from then on grows by half of its start each second. Below its start
 * it falls only where most calls are throttled, and then to what was taken: others may use up a quota that is the account's,
 * and going slower would bring no more of it. Instants are milliseconds of a clock that never goes back.
 */
export class AdaptiveRate {
  readonly #limits: RateLimits
  readonly #refusals = new RefusedShare()
  #perSecond: number
  #tokens: number
  #filledAt: number
  #cutAt: number | undefined

  constructor(limits: RateLimits, now: number) {
    this.#limits = limits
    this.#perSecond = limits.start
    this.#tokens = limits.start
    this.#filledAt = now
  }

  get perSecond(): number {
    return this.#perSecond
  }

  /** Calls that may be made now. */
  tokens(now: number): number {
    const gained = (Math.max(0, now - this.#filledAt) * this.#perSecond) / 1000
    return Math.min(this.#capacity, this.#tokens + gained)
  }

  take(now: number): void {
    this.#fill(now)
    this.#tokens -= 1
  }

  /** The service took a call. What is not used to the full does not grow, or the next burst would be as high as any. */
  accepted(now: number): void {
    this.#refusals.add(false)
    this.#fill(now)
    if (this.#tokens > this.#capacity / 2) return
    const step = this.#cutAt === undefined ? 1 : this.#slope / this.#perSecond
    this.#perSecond = Math.min(this.#limits.most, this.#perSecond + step)
  }

  /** The service refused a call that was sent at `sentAt`: it counts once for all calls that were under way together. */
  throttled(sentAt: number, now: number): void {
    this.#refusals.add(true)
    this.#fill(now)
    this.#tokens = Math.min(0, this.#tokens)
    if (this.#cutAt !== undefined && sentAt < this.#cutAt + CUT_PAUSE_MS) return
    const left = this.#left()
    if (left === undefined) return
    this.#perSecond = Math.max(this.#limits.least, this.#perSecond * left)
    this.#cutAt = now
  }

  /** When at the earliest there will be so many tokens, should all go well, milliseconds from now. */
  waitMs(tokens: number, now: number): number {
    const missing = tokens - this.tokens(now)
    if (missing <= 0) return 0
    const rate = this.#perSecond
    if (rate >= this.#limits.most) return (missing / rate) * 1000
    if (this.#cutAt === undefined) return Math.log1p(missing / rate) * 1000
    return ((Math.sqrt(rate ** 2 + 2 * this.#slope * missing) - rate) / this.#slope) * 1000
  }

  /** With what its present rate gave: before that changes. */
  #fill(now: number): void {
    this.#tokens = this.tokens(now)
    this.#filledAt = Math.max(now, this.#filledAt)
  }

  /** The part of the rate that a cut leaves; undefined where none is called for. */
  #left(): number | undefined {
    const share = this.#refusals.value
    if (share !== undefined && share > TOO_MUCH) return 1 - share
    return this.#perSecond < this.#limits.start ? undefined : 0.5
  }

  get #capacity(): number {
    return Math.max(1, Math.min(this.#perSecond, this.#limits.start))
  }

  /** What the rate grows by in each second. */
  get #slope(): number {
    return this.#limits.start * REGAIN
  }
}
