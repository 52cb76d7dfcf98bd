import type { ApiClient } from './client.ts'
import { hasStatus } from './errors.ts'
import { LeaseLock } from './lease-lock.ts'
import { type Claim, claimed, type LeaseObject, released } from './lease-object.ts'
import { LeaseSight } from './lease-sight.ts'
import { pause, systemAfter, type Timers } from './timers.ts'

export interface LeaseTimes {
  /** How long a holder is believed after it was last seen to renew. */
  readonly durationMs: number
  /** How long the holder itself goes on without renewing; shorter, so that two never act at once. */
  readonly deadlineMs: number
  /** Between two tries; with `JITTER` on top it must be shorter than the deadline. */
  readonly retryMs: number
}

export interface LeaseOptions {
  readonly client: ApiClient
  readonly namespace: string
  readonly name: string
  /** Unlike that of any other process. */
  readonly identity: string
  readonly times: LeaseTimes
  /** Wall clock, epoch milliseconds: for the times written into the Lease. */
  readonly now: () => number
  /** A clock that never goes back, milliseconds: for judging who still holds it. */
  readonly monotonic: () => number
  readonly random: () => number
  readonly failed: (error: unknown) => void
  readonly after?: Timers['after']
}

/** Of the gap between two tries, so that candidates do not come together. */
const JITTER = 0.2
/** A call may take half the deadline, so that another can be made after one without an answer; as client-go has it. */
const LEAST_CALL_MS = 1000

/** Leader election on a Lease: at most one process acts, and one that cannot renew stops by itself before another starts. */
export class LeaseElection {
  readonly #options: LeaseOptions
  readonly #after: Timers['after']
  readonly #lock: LeaseLock
  readonly #sight: LeaseSight
  /** When what the server last granted was asked for, on the monotonic clock: whoever else sees it, sees it later. */
  #grantedAt: number | undefined
  /** The Lease as this process last wrote it. */
  #written: LeaseObject | undefined

  constructor(options: LeaseOptions) {
    const { times, identity, after = systemAfter } = options
    this.#options = options
    this.#after = after
    this.#lock = new LeaseLock({ ...options, after, callMs: Math.max(LEAST_CALL_MS, times.deadlineMs / 2) })
    this.#sight = new LeaseSight(identity, times.durationMs)
  }

  /** Whether this process holds the Lease beyond doubt: asked before each act that must not happen twice. */
  isLeader(): boolean {
    return this.#leftMs() > 0
  }

  /**
   * Runs `lead` each time the Lease is held, with a signal that aborts when it is lost or `signal` aborts, and goes on renewing
   * until `lead` has ended. Resolves when `signal` has aborted and the Lease is let go; rejects when `lead` does.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#try(signal)) await this.#term(lead, signal)
      await this.#pause(signal)
    }
  }

  /** One time of being the leader. */
  async #term(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const [lost, ended] = [new AbortController(), new AbortController()]
    const unwatch = this.#watch(lost)
    const leading = lead(AbortSignal.any([signal, lost.signal])).finally(() => ended.abort())
    // Awaited below; a rejection before that must not count as unhandled.
    leading.catch(() => undefined)
    await this.#keep(AbortSignal.any([ended.signal, lost.signal]))
    lost.abort()
    try {
      await leading
    } finally {
      unwatch()
      const held = this.isLeader()
      this.#grantedAt = undefined
      if (held) await this.#release()
    }
  }

  /** Ends the term at the deadline itself, whatever a renewal is waiting for. */
  #watch(lost: AbortController): () => void {
    let cancel = (): void => undefined
    const look = (): void => {
      if (this.isLeader()) cancel = this.#after(this.#leftMs(), look)
      else lost.abort()
    }
    look()
    return () => cancel()
  }

  /** Renews until the signal aborts or the Lease is lost. */
  async #keep(over: AbortSignal): Promise<void> {
    do {
      await this.#pause(over)
      if (!over.aborted) await this.#try(over)
    } while (!over.aborted && this.isLeader())
  }

  /** One try to take or renew; what stands in the way is reported and not thrown. */
  async #try(over: AbortSignal): Promise<boolean> {
    try {
      return (await this.#renew()) || (await this.#take(over))
    } catch (error) {
      // A conflict says that another was faster; its Lease is seen in the next try.
      if (!hasStatus(error, 409) && !over.aborted) this.#options.failed(error)
      return false
    }
  }

  /** The quick way of who leads: what is there is what it wrote last. Where that fails, the long way tells why. */
  async #renew(): Promise<boolean> {
    if (this.#written === undefined || !this.isLeader()) return false
    try {
      await this.#write(this.#written)
      return true
    } catch {
      return false
    }
  }

  async #take(over: AbortSignal): Promise<boolean> {
    const lease = await this.#lock.read(over)
    const now = this.#options.monotonic()
    this.#sight.see(lease, now)
    if (this.#sight.heldMs(now) > 0) {
      this.#grantedAt = undefined
      return false
    }
    await this.#write(lease)
    return true
  }

  async #write(before: LeaseObject | undefined): Promise<void> {
    const askedAt = this.#options.monotonic()
    this.#written = await this.#lock.write(before, claimed(before, this.#claim()))
    this.#grantedAt = askedAt
  }

  async #release(): Promise<void> {
    try {
      const lease = await this.#lock.read()
      if (lease?.spec?.holderIdentity !== this.#options.identity) return
      await this.#lock.write(lease, released(lease, this.#claim()))
    } catch (error) {
      this.#options.failed(error)
    }
  }

  #claim(): Claim {
    const { namespace, name, identity, times, now } = this.#options
    return { namespace, name, identity, durationMs: times.durationMs, now: now() }
  }

  /** For how long this process may still act without renewing. */
  #leftMs(): number {
    if (this.#grantedAt === undefined) return 0
    return this.#options.times.deadlineMs - (this.#options.monotonic() - this.#grantedAt)
  }

  /** Until the next try, or until the Lease of another runs out, if that is sooner. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { times, monotonic, random } = this.#options
    const gapMs = times.retryMs * (1 + JITTER * random())
    const heldMs = this.#sight.heldMs(monotonic())
    await pause(this.#after, heldMs > 0 ? Math.min(gapMs, heldMs) : gapMs, signal)
  }
}
