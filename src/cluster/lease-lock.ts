import type { ApiClient } from './client.ts'
import { hasStatus } from './errors.ts'
import type { LeaseObject } from './lease-object.ts'
import { type Timers, within } from './timers.ts'

export interface LeaseLockOptions {
  readonly client: ApiClient
  readonly namespace: string
  readonly name: string
  readonly after: Timers['after']
  /** How long one call may take. */
  readonly callMs: number
}

/** The calls for one Lease. */
export class LeaseLock {
  readonly #options: LeaseLockOptions
  readonly #leases: string

  constructor(options: LeaseLockOptions) {
    this.#options = options
    this.#leases = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(options.namespace)}/leases`
  }

  /** @returns undefined where there is none */
  async read(outer?: AbortSignal): Promise<LeaseObject | undefined> {
    try {
      return await this.#limited(outer, (client, signal) =>
        client.request<LeaseObject>({ method: 'GET', path: this.#path(), signal }),
      )
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  /** Nothing but its own limit ends it: of a write that was given up nobody knows whether it took place. */
  write(before: LeaseObject | undefined, body: LeaseObject): Promise<LeaseObject> {
    const method = before === undefined ? 'POST' : 'PUT'
    const path = before === undefined ? this.#leases : this.#path()
    return this.#limited(undefined, (client, signal) => client.request<LeaseObject>({ method, path, body, signal }))
  }

  #limited<T>(
    outer: AbortSignal | undefined,
    call: (client: ApiClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { client, after, callMs: ms } = this.#options
    return within({ after, ms, outer }, (signal) => call(client, signal))
  }

  #path(): string {
    return `${this.#leases}/${encodeURIComponent(this.#options.name)}`
  }
}
