import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from './client.ts'
import { ApiError } from './errors.ts'

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
}

/** client-go's times (tools/leaderelection): how long a holder is believed, may go on without renewing, and waits between tries. */
const DURATION_MS = 15_000
const DEADLINE_MS = 10_000
const RETRY_MS = 2000

interface LeaseObject {
  readonly apiVersion: 'coordination.k8s.io/v1'
  readonly kind: 'Lease'
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion?: string }
  readonly spec: LeaseSpec
}

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

/** Leader election on a Lease: at most one process acts, and one that cannot renew stops by itself before another starts. */
export class LeaseElection {
  readonly #options: LeaseOptions
  readonly #path: string
  #observed: { readonly version: string; readonly at: number } | undefined
  #renewedAt: number | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(options.namespace)}/leases`
  }

  /** Whether this process holds the Lease beyond doubt: asked before each act that must not happen twice. */
  isLeader(): boolean {
    return this.#renewedAt !== undefined && this.#options.monotonic() - this.#renewedAt < DEADLINE_MS
  }

  /** Runs `lead` each time the Lease is held, with a signal that aborts when it is lost, until `signal` aborts; then releases it. */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!(await this.#tryAcquire())) {
        await this.#pause(signal)
        continue
      }
      const lost = new AbortController()
      const leading = lead(AbortSignal.any([signal, lost.signal]))
      await this.#keep(signal)
      lost.abort()
      await leading
      if (signal.aborted) await this.#release()
      this.#renewedAt = undefined
    }
  }

  async #keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pause(signal)
      if (signal.aborted) return
      await this.#tryAcquire()
      if (!this.isLeader()) return
    }
  }

  /** One try to take or renew; what stands in the way is reported and not thrown. */
  async #tryAcquire(): Promise<boolean> {
    const startedAt = this.#options.monotonic()
    try {
      const lease = await this.#read()
      if (lease !== undefined && !this.#free(lease)) {
        this.#renewedAt = undefined
        return false
      }
      await this.#write(lease)
      this.#renewedAt = startedAt
      return true
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) this.#options.failed(error)
      return false
    }
  }

  /** Ours, released, or not renewed for its whole duration as seen on our own clock: clocks of others prove nothing. */
  #free({ metadata, spec }: LeaseObject): boolean {
    const { holderIdentity = '', leaseDurationSeconds = DURATION_MS / 1000 } = spec
    if (holderIdentity === '' || holderIdentity === this.#options.identity) return true
    const version = metadata.resourceVersion ?? ''
    const now = this.#options.monotonic()
    if (this.#observed?.version !== version) this.#observed = { version, at: now }
    return now - this.#observed.at >= leaseDurationSeconds * 1000
  }

  async #read(): Promise<LeaseObject | undefined> {
    try {
      return await this.#options.client.request<LeaseObject>({
        method: 'GET',
        path: `${this.#path}/${encodeURIComponent(this.#options.name)}`,
        signal: AbortSignal.timeout(RETRY_MS * 2),
      })
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  async #write(before: LeaseObject | undefined, holder = this.#options.identity): Promise<void> {
    const { namespace, name, identity, client } = this.#options
    const time = new Date(this.#options.now()).toISOString().replace('Z', '000Z')
    const kept = before?.spec.holderIdentity === identity
    const transitions = before?.spec.leaseTransitions ?? 0
    const spec: LeaseSpec = {
      holderIdentity: holder,
      leaseDurationSeconds: holder === '' ? 1 : DURATION_MS / 1000,
      acquireTime: kept ? (before.spec.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: kept || before === undefined ? transitions : transitions + 1,
    }
    const version = before?.metadata.resourceVersion
    const metadata = { namespace, name, ...(version === undefined ? {} : { resourceVersion: version }) }
    const body: LeaseObject = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    const path = before === undefined ? this.#path : `${this.#path}/${encodeURIComponent(name)}`
    await client.request({
      method: before === undefined ? 'POST' : 'PUT',
      path,
      body,
      signal: AbortSignal.timeout(RETRY_MS * 2),
    })
  }

  async #release(): Promise<void> {
    try {
      const lease = await this.#read()
      if (lease?.spec.holderIdentity === this.#options.identity) await this.#write(lease, '')
    } catch (error) {
      this.#options.failed(error)
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await delay(RETRY_MS * (1 + 0.2 * this.#options.random()), undefined, { signal }).catch(() => undefined)
  }
}
