import { closedError } from '../draining.ts'
import type { VaultAnswer, VaultCall } from './client.ts'
import { unlessAborted, withDeadline } from './deadline.ts'
import { VaultFailure } from './failure.ts'
import type { Lease } from './lease.ts'
import { type LoginOptions, Logins } from './logins.ts'

type Call = Omit<VaultCall, 'token'>

/** After a login that did not help against a 403, none is tried for so long. */
const FRUITLESS_MS = 10_000
/** After a renewal or login that failed while the token is still good. */
const AGAIN_MS = 5000
/** How long closing may take. */
const CLOSE_MS = 5000

/** One login for all calls of a back end: kept, renewed before its end, got anew after a 403, given back at the end. */
export class Session {
  readonly #services: LoginOptions['services']
  readonly #logins: Logins
  readonly #stop = new AbortController()
  readonly #returns = new Set<Promise<void>>()
  #lease: Lease | undefined
  #flight: Promise<Lease> | undefined
  #fruitlessUntil = -Infinity
  #closed = false

  constructor(options: LoginOptions) {
    this.#services = options.services
    this.#logins = new Logins(options)
  }

  /**
   * Calls with the login. A 403 may be a token that was revoked, or lost in a fail-over: then once again with a new one.
   * @throws VaultFailure of the call; SigningError of the login
   */
  async call(call: Call, signal: AbortSignal): Promise<VaultAnswer> {
    const { monotonic, report } = this.#services
    const lease = await this.#current(signal)
    try {
      return await this.#logins.send({ ...call, token: lease.token }, signal)
    } catch (error) {
      if (!isDenied(error) || monotonic() < this.#fruitlessUntil) throw error
    }
    this.#drop(lease)
    report({ backend: 'Vault', what: 'retried', message: `${call.path} was refused (403) and is tried again` })
    try {
      return await this.attempt(call, signal)
    } catch (error) {
      if (isDenied(error)) this.#fruitlessUntil = monotonic() + FRUITLESS_MS
      throw error
    }
  }

  /** Calls with the login, once: for what may well be refused. */
  async attempt(call: Call, signal: AbortSignal): Promise<VaultAnswer> {
    const { token } = await this.#current(signal)
    return this.#logins.send({ ...call, token }, signal)
  }

  /** Revokes what was logged in; a token that somebody else made stays. */
  async close(): Promise<void> {
    this.#closed = true
    await withDeadline(CLOSE_MS, this.#stop.signal, async (signal) => {
      signal.addEventListener('abort', () => this.#stop.abort(), { once: true })
      await this.#flight?.catch(() => undefined)
      if (this.#lease !== undefined) this.#giveBack(this.#lease)
      await Promise.all(this.#returns)
    })
  }

  async #current(signal: AbortSignal): Promise<Lease> {
    if (this.#closed) throw closedError()
    const now = this.#services.monotonic()
    const lease = this.#lease
    if (lease === undefined || now >= lease.expiresAt) return unlessAborted(this.#fly(), signal)
    // Nobody waits for a renewal: the token is still good.
    if (now >= lease.renewAt) this.#fly().catch(() => undefined)
    return lease
  }

  #fly(): Promise<Lease> {
    this.#flight ??= this.#getLease()
      .then((lease) => {
        this.#lease = lease
        return lease
      })
      .finally(() => {
        this.#flight = undefined
      })
    return this.#flight
  }

  async #getLease(): Promise<Lease> {
    const { monotonic } = this.#services
    const lease = this.#lease
    if (lease === undefined || monotonic() >= lease.expiresAt) return this.#logins.open(this.#stop.signal)
    try {
      const renewed = await this.#logins.renew(lease, this.#stop.signal)
      if (renewed !== undefined && this.#lease === lease) return renewed
      const successor = await this.#logins.open(this.#stop.signal)
      if (this.#lease === lease) this.#giveBack(lease)
      return successor
    } catch (error) {
      // Meanwhile it was refused and dropped.
      if (this.#lease !== lease) throw error
      return { ...lease, renewAt: monotonic() + AGAIN_MS }
    }
  }

  #drop(lease: Lease): void {
    if (this.#lease?.token !== lease.token) return
    this.#lease = undefined
    this.#giveBack(lease)
  }

  #giveBack(lease: Lease): void {
    const done = this.#logins.giveBack(lease, this.#stop.signal).finally(() => this.#returns.delete(done))
    this.#returns.add(done)
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof VaultFailure && error.status === 403
}
