import type { Closable, Discarding, OpenedBackend, SigningRequest, SigningResult } from '../backend.ts'
import { closedAfterCalls } from '../draining.ts'
import type { BackendServices } from '../services.ts'
import { readSigned } from './answer.ts'
import { checkIssuer } from './check.ts'
import { type VaultAnswer, VaultClient } from './client.ts'
import type { VaultConfig } from './config.ts'
import { explain } from './errors.ts'
import { VaultFailure } from './failure.ts'
import type { Knowledge } from './knowledge.ts'
import { Lessons } from './lessons.ts'
import { mayBeDone } from './may-be-done.ts'
import { Session } from './session.ts'
import { type SignCall, signCall } from './sign-request.ts'
import { Strays } from './strays.ts'
import { tlsSettings } from './tls.ts'

/**
 * Opens an issuer of Vault or OpenBao. Nothing is sent before the first check or signature. Vault signs anew each time it
 * is asked, so an answer that is lost or refused leaves a certificate behind: `report` tells of it.
 * @throws SigningError where certificates or keys of the configuration cannot be read
 */
export function openVault(config: VaultConfig, services: BackendServices): OpenedBackend & Discarding {
  const { now, mayAct, report, proxy } = services
  const { server, namespace } = config
  const client = new VaultClient({ server, namespace, tls: tlsSettings(config), proxy, now, mayAct })
  const session = new Session({ config, client, services })
  const strays = new Strays({ config, session, report })
  const issuance = new Issuance({ config, client, session, strays, now })
  return closedAfterCalls<OpenedBackend & Discarding & Closable>({
    check: async (signal) => (await issuance.check(signal)).authority,
    sign: (request, signal) => issuance.sign(request, signal),
    discard: (certificate) => strays.discard(certificate),
    close: async () => {
      await session.close()
      await client.close()
    },
  })
}

interface Parts {
  readonly config: VaultConfig
  readonly client: VaultClient
  readonly session: Session
  readonly strays: Strays
  readonly now: () => number
}

class Issuance {
  readonly #parts: Parts
  readonly #lessons: Lessons
  #known: Knowledge | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#lessons = new Lessons(parts.now)
  }

  async check(signal: AbortSignal): Promise<Knowledge> {
    signal.throwIfAborted()
    const { config, client, session } = this.#parts
    this.#known = await checkIssuer({ config, client, session, signal })
    return this.#known
  }

  async sign(request: SigningRequest, signal: AbortSignal): Promise<SigningResult> {
    signal.throwIfAborted()
    const { config, client, strays } = this.#parts
    const known = this.#lessons.applied(this.#known ?? (await this.check(signal)))
    const asked = signCall(request, { config, known, serverNow: client.serverNow() })
    const answer = await this.#ask(asked, signal)
    const reading = readSigned(answer, { request, ttlMs: asked.ttlMs, config, known })
    if (reading.ok) {
      const { chain, root } = known.authority
      return { state: 'issued', chain: [reading.certificate, ...chain], roots: [root] }
    }
    if (reading.lesson !== undefined) this.#lessons.learn(reading.lesson)
    await strays.take(reading.minted)
    throw reading.error
  }

  async #ask({ call }: SignCall, signal: AbortSignal): Promise<VaultAnswer> {
    const { config, session, strays } = this.#parts
    try {
      return await session.call(call, signal)
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error
      const { status } = error
      const how = status === 0 ? `the answer to ${call.path} was lost` : `${call.path} answered ${status}`
      if (mayBeDone(error)) strays.lost(how)
      signal.throwIfAborted()
      throw explain(error, { config, purpose: 'sign', path: call.path, capability: 'update' })
    }
  }
}
