import type { QuotaUse } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import { FairLine, type Place } from './line.ts'
import { AdaptiveRate, type RateLimits } from './rate.ts'

/** One call may be made now. */
export interface Turn {
  readonly place: Place
  readonly number: number
  /** Milliseconds of the clock that never goes back. */
  readonly at: number
}

export type Answer =
  | { readonly turn: Turn }
  | {
      /** When to come back, should all go well. */
      readonly waitMs: number
      /** Who goes before. */
      readonly ahead: number
    }

/** What is known of one operation's quota, and who waits for it. The time is an argument. */
export class Quota {
  readonly #rate: AdaptiveRate
  readonly #line = new FairLine()

  constructor(limits: RateLimits, now: number) {
    this.#rate = new AdaptiveRate(limits, now)
  }

  get perSecond(): number {
    return this.#rate.perSecond
  }

  /** How it stands; to look changes nothing. */
  use(now: number): Omit<QuotaUse, 'operation'> {
    return { perSecond: this.perSecond, tokens: this.#rate.tokens(now), waiting: this.#line.waiting(now) }
  }

  /** Asks for a turn; who is told to wait keeps its place in the line until it comes back. */
  ask(place: Place, now: number): Answer {
    const ahead = this.#line.join(place, now)
    if (this.#rate.tokens(now) >= ahead + 1) {
      this.#rate.take(now)
      return { turn: { place, number: this.#line.serve(place.id), at: now } }
    }
    return { waitMs: this.#told(place, ahead, now), ahead }
  }

  /** It does not come back. */
  leave({ id }: Place): void {
    this.#line.leave(id)
  }

  accepted(now: number): void {
    this.#rate.accepted(now)
  }

  /** The service throttled the call, so it has its place in the line again. @returns when to come back, milliseconds */
  throttled({ place, number, at }: Turn, now: number): number {
    this.#rate.throttled(at, now)
    return this.#told(place, this.#line.join({ ...place, number }, now), now)
  }

  #told({ id }: Place, ahead: number, now: number): number {
    const waitMs = this.#rate.waitMs(ahead + 1, now)
    this.#line.expect(id, now + waitMs)
    return waitMs
  }
}

/** No worker of the shell is held for longer than this, and only for those who are next. */
const PATIENCE_MS = 250
const MOST_AHEAD = 4
/** Sooner is not worth the way back. */
const LEAST_MS = 20
const LONGEST_MS = 60_000

export type Services = Pick<BackendServices, 'monotonic' | 'sleep' | 'random'>

/**
 * A turn, where one can be had within a moment; else when to come back for it.
 * @throws what `sleep` throws when the signal aborts
 */
export async function turnOf(
  quota: Quota,
  place: Place,
  { services, signal }: { readonly services: Services; readonly signal: AbortSignal },
): Promise<Turn | { readonly pollAfterMs: number }> {
  const deadline = services.monotonic() + PATIENCE_MS
  for (;;) {
    const now = services.monotonic()
    const answer = quota.ask(place, now)
    if ('turn' in answer) return answer.turn
    const { ahead, waitMs } = answer
    if (ahead >= MOST_AHEAD || now + waitMs > deadline) return { pollAfterMs: spread(waitMs, services.random()) }
    try {
      await services.sleep(Math.max(1, Math.ceil(waitMs)), signal)
    } catch (error) {
      quota.leave(place)
      throw error
    }
  }
}

/** Those who were told the same do not come together. */
export function spread(waitMs: number, random: number): number {
  return Math.round(Math.min(LONGEST_MS, Math.max(LEAST_MS, waitMs * (0.95 + random / 10))))
}
