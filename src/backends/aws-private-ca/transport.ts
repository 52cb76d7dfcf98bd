import type { Dispatcher } from 'undici'
import { fence } from '../../fence.ts'
import { openConnections, PROXY_CODE, proxyCode, USER_AGENT } from '../outbound.ts'
import type { BackendServices } from '../services.ts'

/** A call of the SDK as both of its generations make it. */
export interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface SdkResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** No answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  /** Node's or undici's name of it. */
  readonly code: string
  /** Whether the service may have got the call. */
  readonly sent: boolean

  constructor(code: string, sent: boolean, cause: unknown) {
    super(sent ? 'the answer was lost' : 'the service could not be reached', { cause })
    this.code = code
    this.sent = sent
  }
}

export interface TransportLimits {
  readonly connectMs: number
  /** From the call to the last octet of its answer. */
  readonly answerMs: number
  /** For each host. */
  readonly connections: number
  readonly mostOctets: number
}

/** A certificate with its chain is some ten thousand octets. */
const LIMITS: TransportLimits = { connectMs: 5000, answerMs: 30_000, connections: 32, mostOctets: 1024 * 1024 }

/** Failures of connecting, and calls that were held back: nothing was sent. */
const BEFORE =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|HOSTNAME_MISMATCH|ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|UND_ERR_CLOSED|NOT_LEADING)$/

/**
 * Carries calls of the SDK: kept-open connections, deadlines, answers of bounded size, no redirects, and nothing left
 * behind by a call that ended. The SDK's own handler bounds no answer and leaves timers running after failures.
 */
export class Transport {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #agent: Dispatcher
  readonly #dispatcher: Dispatcher
  readonly #limits: TransportLimits

  constructor({ mayAct, proxy }: Pick<BackendServices, 'mayAct' | 'proxy'>, limits: TransportLimits = LIMITS) {
    const { connections, connectMs, answerMs, mostOctets } = limits
    this.#limits = limits
    this.#agent = openConnections(
      {
        connections,
        connect: { timeout: connectMs },
        headersTimeout: answerMs,
        bodyTimeout: answerMs,
        maxResponseSize: mostOctets,
      },
      proxy,
    )
    this.#dispatcher = this.#agent.compose(fence(mayAct))
  }

  /** @throws TransportError */
  async handle(
    request: SdkRequest,
    options: { readonly abortSignal?: unknown } = {},
  ): Promise<{ response: SdkResponse }> {
    const outer = options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    const timer = setTimeout(abort, this.#limits.answerMs)
    outer?.addEventListener('abort', abort, { once: true })
    try {
      if (outer?.aborted === true) throw new TransportError('ABORTED', false, outer.reason)
      return { response: await this.#send(request, controller.signal) }
    } catch (error) {
      if (error instanceof TransportError) throw error
      if (outer?.aborted === true) throw new TransportError('ABORTED', true, error)
      if (controller.signal.aborted) throw new TransportError('TIMEOUT', true, error)
      const code = proxyCode(error) ?? codeOf(error)
      throw new TransportError(code, !BEFORE.test(code) && !PROXY_CODE.test(code), error)
    } finally {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    }
  }

  async #send(request: SdkRequest, signal: AbortSignal): Promise<SdkResponse> {
    const { protocol, hostname, port, method, headers, body } = request
    const {
      statusCode,
      headers: received,
      body: stream,
    } = await this.#dispatcher.request({
      origin: `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`,
      path: target(request),
      method,
      headers: { ...headers, 'user-agent': USER_AGENT },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : null,
      signal,
    })
    const octets = new Uint8Array(await stream.arrayBuffer())
    const plain = Object.entries(received).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ])
    return { statusCode, headers: Object.fromEntries(plain), body: octets }
  }

  /** The SDK calls it when a client is destroyed; the connections are shared and end with `close`. */
  destroy(): void {}

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {}
  }

  /** Cuts every connection: what is still under way is of no use to anybody. Nothing more is taken. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

function target({ path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map(
      (one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`,
    ),
  )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

/** The code of an error or of what caused it; of several addresses that were tried, of the first. */
function codeOf(error: unknown): string {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; depth += 1) {
    if ('code' in one && typeof one.code === 'string') return one.code
    one = one instanceof AggregateError ? one.errors[0] : one.cause
  }
  return 'UNKNOWN'
}
