import type { Dispatcher } from 'undici'
import { fence } from '../../fence.ts'
import { openConnections, USER_AGENT } from '../outbound.ts'
import type { OutboundProxy } from '../services.ts'
import { withDeadline } from './deadline.ts'
import { refusal, UNREADABLE, unreachable, VaultFailure } from './failure.ts'
import { isRecord, type JsonRecord, readTexts } from './json.ts'
import type { TlsSettings } from './tls.ts'

export interface VaultCall {
  readonly method: 'GET' | 'POST'
  /** Below `/v1/`, of characters that need no escape. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: JsonRecord
  readonly token?: string
  /** Ends what this process began, such as a login: sent although it may not act any more. */
  readonly takesBack?: true
}

/** The envelope of every answer. */
export interface VaultAnswer {
  /** The whole answer, for endpoints without an envelope. */
  readonly body: JsonRecord
  readonly data: JsonRecord
  readonly auth: JsonRecord | undefined
  readonly warnings: readonly string[]
}

export interface ClientOptions {
  readonly server: string
  readonly namespace: string | undefined
  readonly tls: TlsSettings
  readonly proxy: OutboundProxy | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly mayAct: () => boolean
}

/** A burst of requests is what Vault's own limits are for; more connections than this only wait there. */
const CONNECTIONS = 8
const CONNECT_MS = 5000
const CALL_MS = 30_000
/** Below the idle timeouts of common load balancers, so that a call does not meet a connection that was just cut. */
const IDLE_MS = 30_000
/** 1 MiB. */
const MOST_OCTETS = 1024 * 1024
/** Headers count whole seconds, so that a smaller difference says nothing. */
const CLOCK_GRAIN_MS = 2000

/** Paths and JSON of one server; nothing is tried twice and no redirect is followed, so that a token stays with the server it is for. */
export class VaultClient {
  readonly #options: ClientOptions
  readonly #origin: string
  readonly #prefix: string
  readonly #agent: Dispatcher
  readonly #fenced: Dispatcher
  #clockOffsetMs = 0

  constructor(options: ClientOptions) {
    const { origin, pathname } = new URL(options.server)
    this.#options = options
    this.#origin = origin
    this.#prefix = `${pathname.replace(/\/+$/, '')}/v1/`
    this.#agent = openConnections(
      {
        connections: CONNECTIONS,
        connect: { ...options.tls, timeout: CONNECT_MS },
        pipelining: 1,
        keepAliveTimeout: IDLE_MS,
        headersTimeout: CALL_MS,
        bodyTimeout: CALL_MS,
        maxResponseSize: MOST_OCTETS,
      },
      options.proxy,
    )
    this.#fenced = this.#agent.compose(fence(options.mayAct))
  }

  /** The time at the server, in epoch milliseconds, as far as its answers tell; ours before the first. */
  serverNow(): number {
    return this.#options.now() + this.#clockOffsetMs
  }

  /** @throws VaultFailure, also where the signal aborted after the call had begun */
  async call(call: VaultCall, signal: AbortSignal): Promise<VaultAnswer> {
    signal.throwIfAborted()
    const answer = await this.#send(call, signal)
    const body = parse(answer.text)
    this.#readClock(answer.headers.date)
    if (answer.status < 200 || answer.status >= 300)
      throw refusal(answer.status, body ?? answer.text, single(answer.headers['retry-after']))
    if (answer.text === '') return envelope({})
    if (!isRecord(body)) throw new VaultFailure(0, { code: UNREADABLE })
    return envelope(body)
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #send(call: VaultCall, signal: AbortSignal): Promise<RawAnswer> {
    const { method, path, query, body, takesBack } = call
    const dispatcher = takesBack ? this.#agent : this.#fenced
    try {
      // Its parts have timeouts of their own, but none for the wait for a free connection.
      return await withDeadline(CALL_MS, signal, async (limited) => {
        const answer = await dispatcher.request({
          origin: this.#origin,
          path: `${this.#prefix}${path}${query === undefined ? '' : `?${new URLSearchParams(query)}`}`,
          method,
          headers: this.#headers(call),
          body: body === undefined ? null : JSON.stringify(body),
          signal: limited,
        })
        return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
      })
    } catch (error) {
      throw unreachable(error)
    }
  }

  #headers({ body, token }: VaultCall): Readonly<Record<string, string>> {
    const { namespace } = this.#options
    return {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'x-vault-request': 'true',
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'x-vault-token': token }),
    }
  }

  #readClock(date: string | string[] | undefined): void {
    const theirs = Date.parse(single(date) ?? '')
    if (Number.isNaN(theirs)) return
    const offset = theirs - this.#options.now()
    this.#clockOffsetMs = Math.abs(offset) < CLOCK_GRAIN_MS ? 0 : offset
  }
}

interface RawAnswer {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly text: string
}

/** An answer of the server, taken apart. */
export function envelope(body: JsonRecord): VaultAnswer {
  return {
    body,
    data: isRecord(body.data) ? body.data : {},
    auth: isRecord(body.auth) ? body.auth : undefined,
    warnings: readTexts(body.warnings) ?? [],
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
