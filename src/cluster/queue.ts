import { type BackoffLimits, backoffMs } from './backoff.ts'
import type { Timers } from './timers.ts'
import { type TurnOptions, Turns } from './turns.ts'

export type { BackoffLimits } from './backoff.ts'
/** What the queue needs of time and chance. */
export type QueueTimers = Timers

export interface QueueOptions {
  readonly limits?: BackoffLimits
  readonly turns?: TurnOptions
}

interface Later {
  /** Clock reading, milliseconds. */
  readonly at: number
  readonly cancel: () => void
}

const LIMITS: BackoffLimits = { leastMs: 1000, mostMs: 300_000 }
/** Beyond 24 days Node's timers fire at once; looking a day later at the latest harms nobody. */
const LONGEST_MS = 86_400_000

/** First come, first served, without a bound. */
const ONE_LINE: TurnOptions = { turns: Number.POSITIVE_INFINITY, ownerOf: () => '' }

/**
 * A keyed work queue with the rules of client-go's (util/workqueue): a key waits at most once, is never worked on twice at a
 * time, and one added while it is worked on comes again afterwards. Which key is next is a matter of fair turns.
 */
export class WorkQueue {
  readonly #timers: Timers
  readonly #limits: BackoffLimits
  readonly #turns: Turns
  readonly #working = new Set<string>()
  readonly #again = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #later = new Map<string, Later>()
  readonly #takers = new Set<(key: string) => void>()
  #stopped = false

  constructor(timers: Timers, { limits = LIMITS, turns = ONE_LINE }: QueueOptions = {}) {
    this.#timers = timers
    this.#limits = limits
    this.#turns = new Turns(turns)
  }

  /** How many keys wait to be taken, now or after their present turn. */
  get depth(): number {
    return this.#turns.waiting + this.#again.size
  }

  add(key: string): void {
    if (this.#stopped) return
    if (this.#working.has(key)) {
      this.#again.add(key)
      return
    }
    this.#turns.join(key)
    this.#serve()
  }

  /** Adds the key in a while, a day at most; of several such, the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped) return
    const gap = Math.min(Math.max(ms, 0), LONGEST_MS)
    const at = this.#timers.now() + gap
    const known = this.#later.get(key)
    if (known !== undefined && known.at <= at) return
    known?.cancel()
    const cancel = this.#timers.after(gap, () => {
      this.#later.delete(key)
      this.add(key)
    })
    this.#later.set(key, { at, cancel })
  }

  /** Adds the key after a gap that grows with each call, until `forget`. */
  retry(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    this.addAfter(key, backoffMs(this.#limits, failures, this.#timers.random()))
  }

  /** The key fared well: its next gap is the least again. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** What waits after a failure is due now, and its next gap is the least again: the common cause is gone. */
  hurry(): void {
    for (const key of [...this.#failures.keys()]) {
      this.#failures.delete(key)
      const later = this.#later.get(key)
      if (later === undefined) continue
      later.cancel()
      this.#later.delete(key)
      this.add(key)
    }
  }

  /** The next key; undefined once the signal has aborted. Each key taken is given back with `done`. */
  async take(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined
    const key = this.#next()
    if (key !== undefined) return key
    return new Promise((resolve) => {
      const give = (taken: string | undefined): void => {
        signal.removeEventListener('abort', abort)
        this.#takers.delete(give)
        resolve(taken)
      }
      const abort = (): void => give(undefined)
      this.#takers.add(give)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** Another key may have the turn of this one, which is still worked on. */
  turnOver(key: string): void {
    this.#turns.over(key)
    this.#serve()
  }

  /** The work on a key that was taken has ended, and its turn with it. */
  done(key: string): void {
    this.#working.delete(key)
    if (this.#again.delete(key)) this.#turns.join(key)
    this.turnOver(key)
  }

  /** Lets go of every key that waits, now or until later, and takes none in until `start`: nobody works any more. */
  stop(): void {
    this.#stopped = true
    for (const { cancel } of this.#later.values()) cancel()
    this.#later.clear()
    this.#failures.clear()
    this.#again.clear()
    this.#turns.clear()
  }

  start(): void {
    this.#stopped = false
  }

  /** Whoever waits for a key gets one, as long as there are some. */
  #serve(): void {
    for (const give of this.#takers) {
      const key = this.#next()
      if (key === undefined) return
      give(key)
    }
  }

  #next(): string | undefined {
    const key = this.#turns.next()
    if (key !== undefined) this.#working.add(key)
    return key
  }
}
