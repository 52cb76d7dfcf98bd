import { Agent, type Dispatcher } from 'undici'
import type { Cluster } from './kubeconfig.ts'

/** A refusal of the API server, from its Status object. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly contentType?: string
}

export interface KubeHttp {
  /** Sends one request and returns the parsed answer; throws KubeError on a refusal. */
  readonly call: <T>(call: Call) => Promise<T>
  /** A watch: yields parsed lines until the server or `signal` ends it. */
  readonly lines: <T>(call: Call, signal: AbortSignal) => AsyncGenerator<T>
  /** Aborted by `close`: whoever reconnects must give up then. */
  readonly closed: AbortSignal
  readonly close: () => Promise<void>
}

const CONNECTIONS = 8
const ANSWER_WITHIN_MS = 60_000

/** Connects to the API server on connections of its own; proxies of the environment are never used. */
export function openHttp(cluster: Cluster): KubeHttp {
  const { clientCertificate } = cluster
  const identity = clientCertificate && { cert: clientCertificate.certificatePem, key: clientCertificate.keyPem }
  const connect = { ca: cluster.caPem, ...identity }
  const calls = new Agent({ connections: CONNECTIONS, allowH2: false, connect, headersTimeout: ANSWER_WITHIN_MS })
  const closing = new AbortController()
  const watches = new Agent({ allowH2: false, connect, bodyTimeout: 0 })

  const send = (agent: Agent, call: Call, signal?: AbortSignal): Promise<Dispatcher.ResponseData> =>
    agent.request({
      origin: cluster.server,
      path: call.path,
      method: call.method,
      headers: {
        ...(cluster.token === '' ? {} : { authorization: `Bearer ${cluster.token}` }),
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      ...(call.query === undefined ? {} : { query: call.query }),
      ...(call.body === undefined
        ? {}
        : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
      ...(signal === undefined ? {} : { signal }),
    })

  return {
    call: async <T>(call: Call): Promise<T> => {
      const answer = await send(calls, call)
      const text = await answer.body.text()
      if (answer.statusCode >= 400) throw refusal(answer.statusCode, text, call)
      const value: T = text === '' || !isJson(answer) ? text : JSON.parse(text)
      return value
    },
    async *lines<T>(call: Call, signal: AbortSignal): AsyncGenerator<T> {
      const answer = await send(watches, call, signal)
      if (answer.statusCode >= 400) throw refusal(answer.statusCode, await answer.body.text(), call)
      yield* jsonLines<T>(answer.body)
    },
    closed: closing.signal,
    close: async () => {
      closing.abort()
      await Promise.all([calls.close(), watches.destroy()])
    },
  }
}

function isJson(answer: Dispatcher.ResponseData): boolean {
  return String(answer.headers['content-type']).includes('json')
}

async function* jsonLines<T>(body: Dispatcher.ResponseData['body']): AsyncGenerator<T> {
  body.setEncoding('utf8')
  let rest = ''
  for await (const chunk of body) {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      if (part === '') continue
      const value: T = JSON.parse(part)
      yield value
    }
  }
}

function refusal(status: number, text: string, call: Call): KubeError {
  const parsed = statusOf(text)
  const said = parsed?.message ?? `status ${status} without an explanation`
  return new KubeError(status, parsed?.reason ?? 'Unknown', `${call.method} ${call.path}: ${said}`)
}

function statusOf(text: string): { readonly message?: string; readonly reason?: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}
