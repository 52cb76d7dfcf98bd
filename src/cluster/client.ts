import { createHash } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import { Agent, type Dispatcher } from 'undici'
import { apiErrorOf, unreachable } from './errors.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Escaped path, such as `/api/v1/namespaces`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Default `application/json`. */
  readonly contentType?: string
  readonly signal?: AbortSignal
}

export type StreamCall = Pick<Call, 'path' | 'query'> & { readonly signal: AbortSignal }

/** A connection to one API server. Refusals and failures are ApiError. */
export interface ApiClient {
  request<T>(call: Call): Promise<T>
  /** The lines of a long answer, until it ends or the signal aborts. */
  stream(call: StreamCall): AsyncIterable<string>
  close(): Promise<void>
}

/** Connections for calls; more brought nothing (libraries.md 0.1). */
const POOL = 8
const CALL_TIMEOUT_MS = 30_000
/** API servers send a bookmark about every minute, so a watch that is silent for longer is dead. */
const SILENCE_MS = 100_000
/** How long the files of token and certificates are taken as read. */
const CREDENTIALS_MS = 10_000
const ANSWER_LIMIT = 64 * 1024 * 1024

interface Credentials {
  readonly readAt: number
  readonly headers: Readonly<Record<string, string>>
  readonly key: string
  readonly calls: Agent
  readonly streams: Agent
}

/**
 * Connects with a kubeconfig or the in-cluster account. Its own pool, since client-node opens a connection for each request
 * (kubernetes-client/javascript, config.ts createDispatcher).
 * @param now milliseconds of a clock, to read rotated tokens again
 */
export function connect(kubeConfig: KubeConfig, now: () => number): ApiClient {
  const server = kubeConfig.getCurrentCluster()?.server
  if (server === undefined)
    throw new Error('the kubeconfig names no cluster for its current context; set KUBECONFIG, or --context')
  const base = server.replace(/\/+$/, '')
  let current: Credentials | undefined
  const credentials = async (): Promise<Credentials> => {
    if (current !== undefined && now() - current.readAt < CREDENTIALS_MS) return current
    current = await readCredentials(kubeConfig, current, now())
    return current
  }
  const send = async (call: Call, kind: 'calls' | 'streams'): Promise<Dispatcher.ResponseData> => {
    const { headers, [kind]: dispatcher } = await credentials()
    return dispatch({ base, headers, dispatcher, silenceMs: kind === 'calls' ? CALL_TIMEOUT_MS : SILENCE_MS }, call)
  }
  return {
    request: async <T>(call: Call): Promise<T> =>
      readJson<T>(await send({ ...call, signal: withTimeout(call.signal) }, 'calls')),
    stream: (call) => lines(() => send({ method: 'GET', ...call }, 'streams')),
    close: async () => {
      await Promise.all([current?.calls.destroy(), current?.streams.destroy()])
    },
  }
}

function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}

async function readCredentials(
  kubeConfig: KubeConfig,
  before: Credentials | undefined,
  readAt: number,
): Promise<Credentials> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {}
  await kubeConfig.applyToHTTPSOptions(options)
  const { ca, cert, key, servername, rejectUnauthorized } = options
  const connectOptions = defined({ ca, cert, key, servername, rejectUnauthorized })
  const identity = createHash('sha256').update(JSON.stringify(connectOptions)).digest('hex')
  const headers = textHeaders(options.headers)
  if (before?.key === identity) return { ...before, readAt, headers }
  // Requests under way end on the old connections.
  void before?.calls.close()
  void before?.streams.close()
  return {
    readAt,
    headers,
    key: identity,
    calls: new Agent({ connections: POOL, connect: connectOptions, keepAliveTimeout: 60_000 }),
    streams: new Agent({ connect: connectOptions, keepAliveTimeout: 1000 }),
  }
}

function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>
}

function textHeaders(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

interface Route {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Agent
  readonly silenceMs: number
}

async function dispatch({ base, headers, dispatcher, silenceMs }: Route, call: Call): Promise<Dispatcher.ResponseData> {
  const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`
  const url = new URL(`${base}${call.path}${query}`)
  const answer = await dispatcher
    .request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: call.method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
      headersTimeout: CALL_TIMEOUT_MS,
      bodyTimeout: silenceMs,
    })
    .catch((error: unknown) => {
      throw unreachable(error)
    })
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer
  const retryAfter = answer.headers['retry-after']
  throw apiErrorOf(answer.statusCode, await readText(answer), typeof retryAfter === 'string' ? retryAfter : undefined)
}

async function readJson<T>(answer: Dispatcher.ResponseData): Promise<T> {
  const text = await readText(answer)
  try {
    return JSON.parse(text)
  } catch {
    throw unreachable(new Error('an answer that is not JSON'))
  }
}

async function readText(answer: Dispatcher.ResponseData): Promise<string> {
  const length = Number(answer.headers['content-length'] ?? 0)
  if (length > ANSWER_LIMIT) throw unreachable(new Error('an answer beyond 64 MiB'))
  return answer.body.text().catch((error: unknown) => {
    throw unreachable(error)
  })
}

async function* lines(open: () => Promise<Dispatcher.ResponseData>): AsyncGenerator<string> {
  const { body } = await open()
  body.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of body) {
      const parts = (rest + String(chunk)).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) if (line !== '') yield line
    }
  } catch (error) {
    throw unreachable(error)
  } finally {
    body.destroy()
  }
}
