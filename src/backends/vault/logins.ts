import { SigningError } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import type { VaultAnswer, VaultCall, VaultClient } from './client.ts'
import type { VaultConfig } from './config.ts'
import { explain } from './errors.ts'
import { VaultFailure } from './failure.ts'
import { adoptedLease, blindLease, type Lease, loginLease, patientLease, renewedLease } from './lease.ts'
import { loginCall } from './login.ts'
import { loginWords, serverOf } from './words.ts'

export interface LoginOptions {
  readonly config: VaultConfig
  readonly client: VaultClient
  readonly services: Pick<BackendServices, 'monotonic' | 'serviceAccountToken' | 'report'>
}

/** What OpenBao and Vault say to a token that is good but may not do this. A bad one OpenBao tells that alone, and Vault a second error. */
const POLICY_DENIES = /^1 error occurred:\s+\* permission denied\s*$/

/** The calls that get, renew and give back tokens, whatever the method; nothing is kept here. */
export class Logins {
  readonly #options: LoginOptions

  constructor(options: LoginOptions) {
    this.#options = options
  }

  /** @throws SigningError where there is no token to be had */
  async open(signal: AbortSignal): Promise<Lease> {
    const { config, services } = this.#options
    const { auth } = config
    if (auth.method === 'token') return this.#adopt(auth.token, signal)
    const call = await loginCall(auth, services.serviceAccountToken, signal)
    const answer = await this.#explained({ ...call, capability: 'update' }, signal)
    const lease = loginLease(answer.auth, services.monotonic())
    if (lease === undefined) throw noToken(config)
    services.report({ backend: 'Vault', what: 'login', message: `logged in ${loginWords(config)}` })
    return lease
  }

  /**
   * A longer life for the token.
   * @returns undefined where it should be replaced by another login's
   * @throws VaultFailure where the server could not answer
   */
  async renew(lease: Lease, signal: AbortSignal): Promise<Lease | undefined> {
    const { config, services } = this.#options
    const call = { method: 'POST', path: 'auth/token/renew-self', token: lease.token, body: {} } as const
    try {
      if (!lease.renewable) return undefined
      const { auth } = await this.send(call, signal)
      return renewedLease(lease, auth, services.monotonic())
    } catch (error) {
      if (!(error instanceof VaultFailure) || (error.status !== 400 && error.status !== 403)) throw error
      return config.auth.method === 'token' ? patientLease(lease, services.monotonic()) : undefined
    }
  }

  /** Gives up what was got by logging in. Nothing is thrown: it ends by itself, and after a 403 it mostly has. */
  async giveBack({ token, revocable }: Lease, signal: AbortSignal): Promise<void> {
    if (!revocable) return
    const call = { method: 'POST', path: 'auth/token/revoke-self', token, body: {}, takesBack: true } as const
    await this.send(call, signal).catch(() => undefined)
  }

  /** One call; a server that asks for patience is told of. @throws VaultFailure */
  async send(call: VaultCall, signal: AbortSignal): Promise<VaultAnswer> {
    const { client, config, services } = this.#options
    try {
      return await client.call(call, signal)
    } catch (error) {
      if (error instanceof VaultFailure && error.status === 429)
        services.report({ backend: 'Vault', what: 'throttled', message: `${serverOf(config)} asks for fewer requests` })
      throw error
    }
  }

  async #adopt(token: string, signal: AbortSignal): Promise<Lease> {
    const { monotonic } = this.#options.services
    const call = { method: 'GET', path: 'auth/token/lookup-self', token } as const
    try {
      const { data } = await this.send(call, signal)
      return adoptedLease(token, data, monotonic())
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      if (error.status === 403 && error.says(POLICY_DENIES)) return blindLease(token, monotonic())
      throw explain(error, { config: this.#options.config, purpose: 'login', path: call.path, capability: 'read' })
    }
  }

  async #explained(call: VaultCall & { readonly capability: 'update' }, signal: AbortSignal): Promise<VaultAnswer> {
    try {
      return await this.send(call, signal)
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      const { config } = this.#options
      throw explain(error, { config, purpose: 'login', path: call.path, capability: call.capability })
    }
  }
}

function noToken(config: VaultConfig): SigningError {
  const message = `${serverOf(config)} gave no token for the login ${loginWords(config)}; a second factor cannot be given here: take it off this login`
  return new SigningError('recheck-issuer', 'login-refused', message, { part: 'CredentialsReady' })
}
