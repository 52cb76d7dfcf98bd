/** What the queue needs of time and chance. */
export interface QueueTimers {
  /** Milliseconds of a clock. */
  readonly now: () => number
  /** Runs `act` after `ms`; the returned function takes it back. */
  readonly after: (ms: number, act: () => void) => () => void
  /** From 0 to 1. */
  readonly random: () => number
}

export interface BackoffLimits {
  readonly leastMs: number
  readonly mostMs: number
}

interface Later {
  /** Clock reading, milliseconds. */
  readonly at: number
  readonly cancel: () => void
}

/**
 * A keyed work queue with the rules of client-go's (util/workqueue): a key waits at most once, is never worked on twice at a
 * time, and one added while it is worked on comes again afterwards.
 */
export class WorkQueue {
  readonly #timers: QueueTimers
  readonly #backoff: BackoffLimits
  readonly #waiting = new Set<string>()
  readonly #working = new Set<string>()
  readonly #again = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #later = new Map<string, Later>()
  readonly #takers: ((key: string | undefined) => void)[] = []

  constructor(timers: QueueTimers, backoff: BackoffLimits = { leastMs: 1000, mostMs: 300_000 }) {
    this.#timers = timers
    this.#backoff = backoff
  }

  /** Keys that wait to be taken. */
  get depth(): number {
    return this.#waiting.size
  }

  add(key: string): void {
    if (this.#working.has(key)) {
      this.#again.add(key)
      return
    }
    this.#waiting.add(key)
    this.#offer()
  }

  /** Adds the key in a while; of several such, the earliest counts. */
  addAfter(key: string, ms: number): void {
    const at = this.#timers.now() + ms
    const known = this.#later.get(key)
    if (known !== undefined && known.at <= at) return
    known?.cancel()
    const cancel = this.#timers.after(ms, () => {
      this.#later.delete(key)
      this.add(key)
    })
    this.#later.set(key, { at, cancel })
  }

  /** Adds the key after a gap that grows with each call: jittered, doubling, until `forget`. */
  retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const full = Math.min(this.#backoff.mostMs, this.#backoff.leastMs * 2 ** Math.min(failures, 30))
    this.addAfter(key, full * (0.5 + this.#timers.random() / 2))
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key; undefined once the signal has aborted. Each taken key must be given back with `done`. */
  async take(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined
    const [key] = this.#waiting
    if (key !== undefined) return this.#start(key)
    return new Promise((resolve) => {
      const settle = (taken: string | undefined): void => {
        signal.removeEventListener('abort', abort)
        resolve(taken)
      }
      const abort = (): void => {
        this.#takers.splice(this.#takers.indexOf(settle), 1)
        settle(undefined)
      }
      this.#takers.push(settle)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  done(key: string): void {
    this.#working.delete(key)
    if (!this.#again.delete(key)) return
    this.#waiting.add(key)
    this.#offer()
  }

  /** Takes back every key that is due later. */
  stop(): void {
    for (const { cancel } of this.#later.values()) cancel()
    this.#later.clear()
  }

  #offer(): void {
    while (this.#takers.length > 0) {
      const [key] = this.#waiting
      if (key === undefined) return
      this.#takers.shift()?.(this.#start(key))
    }
  }

  #start(key: string): string {
    this.#waiting.delete(key)
    this.#working.add(key)
    return key
  }
}
