import { SigningError } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import type { VaultAnswer, VaultCall, VaultClient } from './client.ts'
import type { VaultConfig } from './config.ts'
import { unlessAborted, withDeadline } from './deadline.ts'
import { explain } from './errors.ts'
import { VaultFailure } from './failure.ts'
import { adoptedLease, blindLease, type Lease, loginLease, renewedLease } from './lease.ts'
import { loginCall } from './login.ts'
import { loginWords, serverOf } from './words.ts'

export interface SessionOptions {
  readonly config: VaultConfig
  readonly client: VaultClient
  readonly services: Pick<BackendServices, 'monotonic' | 'serviceAccountToken' | 'report'>
}

type Call = Omit<VaultCall, 'token'>

/** After a login that did not help against a 403, none is tried for so long. */
const FRUITLESS_MS = 10_000
/** After a renewal or login that failed while the token is still good. */
const AGAIN_MS = 5000
/** How long closing may take. */
const CLOSE_MS = 5000
/** What OpenBao and Vault say to a token that is good but may not do this; a bad one is told `permission denied` alone. */
const POLICY_DENIES = /^1 error occurred:\s+\* permission denied\s*$/

/** One login for all calls of a back end: kept, renewed before its end, got anew after a 403, given back at the end. */
export class Session {
  readonly #options: SessionOptions
  readonly #stop = new AbortController()
  readonly #returns = new Set<Promise<void>>()
  #lease: Lease | undefined
  #flight: Promise<Lease> | undefined
  #fruitlessUntil = 0
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /**
   * Calls with the login. A 403 may be a token that was revoked, or lost in a fail-over: then once again with a new one.
   * @throws VaultFailure of the call; SigningError of the login
   */
  async call(call: Call, signal: AbortSignal): Promise<VaultAnswer> {
    const { client, services } = this.#options
    const lease = await this.#current(signal)
    try {
      return await client.call({ ...call, token: lease.token }, signal)
    } catch (error) {
      if (!isDenied(error) || services.monotonic() < this.#fruitlessUntil) throw error
    }
    this.#drop(lease)
    services.report({ backend: 'Vault', what: 'retried', message: `${call.path} was refused (403) and is tried again` })
    const { token } = await this.#current(signal)
    try {
      return await client.call({ ...call, token }, signal)
    } catch (error) {
      if (isDenied(error)) this.#fruitlessUntil = services.monotonic() + FRUITLESS_MS
      throw error
    }
  }

  /** Calls with the login, once: for what may well be refused. */
  async attempt(call: Call, signal: AbortSignal): Promise<VaultAnswer> {
    const { token } = await this.#current(signal)
    return this.#options.client.call({ ...call, token }, signal)
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
    if (this.#closed) throw new SigningError('retry', 'backend-closed', 'the back end was closed; its successor signs')
    const now = this.#options.services.monotonic()
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
    const { config, services } = this.#options
    const lease = this.#lease
    if (lease === undefined || services.monotonic() >= lease.expiresAt) return this.#open()
    const renewed = lease.renewable ? await this.#renew(lease) : undefined
    // Dropped meanwhile, since it was refused.
    if (this.#lease !== lease) return this.#open()
    if (renewed !== undefined) return renewed
    if (config.auth.method === 'token') return { ...lease, renewable: false, renewAt: Infinity }
    try {
      const successor = await this.#open()
      this.#giveBack(lease)
      return successor
    } catch {
      return { ...lease, renewAt: services.monotonic() + AGAIN_MS }
    }
  }

  /** @returns undefined where it cannot be renewed any more */
  async #renew(lease: Lease): Promise<Lease | undefined> {
    const { client, services } = this.#options
    const call = { method: 'POST', path: 'auth/token/renew-self', token: lease.token, body: {} } as const
    try {
      const { auth } = await client.call(call, this.#stop.signal)
      return renewedLease(lease, auth, services.monotonic())
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      if (error.status === 400 || error.status === 403) return undefined
      return { ...lease, renewAt: services.monotonic() + AGAIN_MS }
    }
  }

  async #open(): Promise<Lease> {
    const { config, client, services } = this.#options
    const { auth } = config
    if (auth.method === 'token') return this.#adopt(auth.token)
    const call = await loginCall(auth, services.serviceAccountToken, this.#stop.signal)
    try {
      const answer = await client.call(call, this.#stop.signal)
      const lease = loginLease(answer.auth, services.monotonic())
      if (lease === undefined) throw noToken(config)
      services.report({ backend: 'Vault', what: 'login', message: `logged in ${loginWords(config)}` })
      return lease
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      throw explain(error, { config, purpose: 'login', path: call.path, capability: 'update' })
    }
  }

  async #adopt(token: string): Promise<Lease> {
    const { config, client, services } = this.#options
    const path = 'auth/token/lookup-self'
    try {
      const { data } = await client.call({ method: 'GET', path, token }, this.#stop.signal)
      return adoptedLease(token, data, services.monotonic())
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      if (error.status === 403 && error.says(POLICY_DENIES)) return blindLease(token, services.monotonic())
      throw explain(error, { config, purpose: 'login', path, capability: 'read' })
    }
  }

  #drop(lease: Lease): void {
    if (this.#lease?.token !== lease.token) return
    this.#lease = undefined
    this.#giveBack(lease)
  }

  #giveBack({ token, revocable }: Lease): void {
    if (!revocable) return
    const call = { method: 'POST', path: 'auth/token/revoke-self', token, body: {} } as const
    const done = this.#options.client.call(call, this.#stop.signal).then(
      () => undefined,
      // It ends by itself, and after a 403 it mostly has.
      () => undefined,
    )
    this.#returns.add(done)
    done.finally(() => this.#returns.delete(done))
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof VaultFailure && error.status === 403
}

function noToken(config: VaultConfig): SigningError {
  const message = `${serverOf(config)} gave no token for the login ${loginWords(config)}; a second factor cannot be given here: take it off this login`
  return new SigningError('recheck-issuer', 'login-refused', message, { part: 'CredentialsReady' })
}
