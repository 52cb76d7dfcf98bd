import type { ApiClient } from './client.ts'
import { hasStatus } from './errors.ts'
import { type Claim, claimed, type LeaseObject, released } from './lease-object.ts'
import { pause, systemAfter, type Timers, within } from './timers.ts'

export interface LeaseTimes {
  /** How long a holder is believed after it was last seen to renew. */
  readonly durationMs: number
  /** How long the holder itself goes on without renewing; shorter, so that two never act at once. */
  readonly deadlineMs: number
  /** Between two tries. */
  readonly retryMs: number
}

export interface LeaseOptions {
  readonly client: ApiClient
  readonly namespace: string
  readonly name: string
  /** Unlike that of any other process. */
  readonly identity: string
  /** Wall clock, epoch milliseconds: for the times written into the Lease. */
  readonly now: () => number
  /** A clock that never goes back, milliseconds: for judging who still holds it. */
  readonly monotonic: () => number
  readonly random: () => number
  readonly failed: (error: unknown) => void
  readonly after?: Timers['after']
  readonly times?: LeaseTimes
}

/** client-go's times (tools/leaderelection). */
const TIMES: LeaseTimes = { durationMs: 15_000, deadlineMs: 10_000, retryMs: 2000 }

/** Leader election on a Lease: at most one process acts, and one that cannot renew stops by itself before another starts. */
export class LeaseElection {
  readonly #options: LeaseOptions
  readonly #times: LeaseTimes
  readonly #after: Timers['after']
  #observed: { readonly version: string; readonly at: number } | undefined
  #renewedAt: number | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#times = options.times ?? TIMES
    this.#after = options.after ?? systemAfter
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
      if (await this.#tryAcquire(this.#times.deadlineMs, signal)) await this.#term(lead, signal)
      await this.#pause(signal)
    }
  }

  /** One time of being the leader. */
  async #term(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const [lost, ended] = [new AbortController(), new AbortController()]
    const leading = lead(AbortSignal.any([signal, lost.signal])).finally(() => ended.abort())
    // Awaited below; a rejection before that must not count as unhandled.
    leading.catch(() => undefined)
    const held = await this.#keep(ended.signal)
    lost.abort()
    try {
      await leading
    } finally {
      this.#renewedAt = undefined
      if (held) await this.#release()
    }
  }

  /** Renews until it is over (true) or the Lease is lost (false). */
  async #keep(over: AbortSignal): Promise<boolean> {
    for (;;) {
      await this.#pause(over)
      if (over.aborted) return true
      await this.#tryAcquire(this.#leftMs(), over)
      if (!this.isLeader()) return over.aborted
    }
  }

  /** One try to take or renew within `ms`; what stands in the way is reported and not thrown. */
  async #tryAcquire(ms: number, outer: AbortSignal): Promise<boolean> {
    const startedAt = this.#options.monotonic()
    try {
      return await within({ after: this.#after, ms, outer }, async (signal) => {
        const lease = await this.#read(signal)
        if (lease !== undefined && !this.#mayTake(lease)) {
          this.#renewedAt = undefined
          return false
        }
        await this.#write(lease, claimed(lease, this.#claim()), signal)
        this.#renewedAt = startedAt
        return true
      })
    } catch (error) {
      // A conflict says that another was faster; its Lease is seen in the next try.
      if (!hasStatus(error, 409) && !outer.aborted) this.#options.failed(error)
      return false
    }
  }

  /** Ours, let go, or not renewed for its whole duration as seen on our own clock: the clocks of others prove nothing. */
  #mayTake({ metadata, spec = {} }: LeaseObject): boolean {
    const { holderIdentity = '', leaseDurationSeconds = this.#times.durationMs / 1000 } = spec
    if (holderIdentity === '' || holderIdentity === this.#options.identity) return true
    const version = metadata.resourceVersion ?? ''
    const now = this.#options.monotonic()
    if (this.#observed?.version !== version) this.#observed = { version, at: now }
    return now - this.#observed.at >= leaseDurationSeconds * 1000
  }

  async #read(signal: AbortSignal): Promise<LeaseObject | undefined> {
    try {
      return await this.#options.client.request<LeaseObject>({ method: 'GET', path: this.#path(true), signal })
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  async #write(before: LeaseObject | undefined, body: LeaseObject, signal: AbortSignal): Promise<void> {
    const method = before === undefined ? 'POST' : 'PUT'
    await this.#options.client.request({ method, path: this.#path(before !== undefined), body, signal })
  }

  async #release(): Promise<void> {
    try {
      await within({ after: this.#after, ms: 2 * this.#times.retryMs }, async (signal) => {
        const lease = await this.#read(signal)
        if (lease?.spec?.holderIdentity !== this.#options.identity) return
        await this.#write(lease, released(lease, this.#claim()), signal)
      })
    } catch (error) {
      this.#options.failed(error)
    }
  }

  #claim(): Claim {
    const { namespace, name, identity, now } = this.#options
    return { namespace, name, identity, durationMs: this.#times.durationMs, now: now() }
  }

  #path(named: boolean): string {
    const { namespace, name } = this.#options
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`
    return named ? `${leases}/${encodeURIComponent(name)}` : leases
  }

  /** For how long this process may still act without renewing. */
  #leftMs(): number {
    if (this.#renewedAt === undefined) return 0
    return this.#times.deadlineMs - (this.#options.monotonic() - this.#renewedAt)
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await pause(this.#after, this.#times.retryMs * (1 + 0.2 * this.#options.random()), signal)
  }
}
