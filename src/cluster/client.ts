import type { Dispatcher } from 'undici'
import { fence, NotLeadingError } from '../fence.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { Connections } from './connections.ts'
import { ApiError, refusal, unreachable } from './errors.ts'
import { splitLines } from './lines.ts'
import { systemAfter, unlessAborted, within } from './timers.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Escaped path, such as `/api/v1/namespaces`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Default `application/json`. */
  readonly contentType?: string
  /** What of the object is wanted in the answer; an object with certificates is large to make, to send and to read. Default all. */
  readonly wanted?: 'metadata'
  readonly signal?: AbortSignal
  /** Asked when a connection takes the call, which is not sent (ApiError, reason NotLeading) where it says no. */
  readonly mayAct?: () => boolean
}

export interface StreamCall {
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Called when the server has begun to answer, which may be long before the first line. */
  readonly opened?: () => void
}

/** A connection to one API server. Refusals and failures are ApiError; nothing is tried twice. */
export interface ApiClient {
  /** Sends one request and returns the parsed answer. */
  request<T>(call: Call): Promise<T>
  /** Sends one request of which only that it was taken counts; what the server answers beside that is passed over. */
  send(call: Omit<Call, 'wanted'>): Promise<void>
  /** The lines of a long answer to a GET, until it ends, breaks (ApiError) or the signal aborts (ApiError, reason Aborted). */
  stream(call: StreamCall): AsyncIterable<string>
  /** Cuts every connection. */
  close(): Promise<void>
}

export interface ClientLimits {
  /** For a whole call, its wait for a free connection included. */
  readonly callMs: number
  /** For the next byte of a stream. */
  readonly silenceMs: number
  /** How long files of tokens and certificates are taken as read. */
  readonly credentialsMs: number
}

/** API servers send a bookmark about every minute, so a watch that is silent for 100 s is dead. */
const LIMITS: ClientLimits = { callMs: 30_000, silenceMs: 100_000, credentialsMs: 10_000 }

type Answer = Dispatcher.ResponseData

interface Sending {
  readonly call: Call
  readonly kind: 'calls' | 'watches'
  readonly signal: AbortSignal
}

/**
 * Connects with a kubeconfig or the in-cluster account; nothing is sent yet.
 * @param now milliseconds of a clock, to know when to read rotated tokens again
 */
export function connect(access: ClusterAccess, now: () => number, limits: ClientLimits = LIMITS): ApiClient {
  const server = access.getCurrentCluster()?.server.replace(/\/+$/, '') ?? ''
  const connections = new Connections({ access, now, credentialsMs: limits.credentialsMs })

  const send = async ({ call, kind, signal }: Sending): Promise<Answer> => {
    const { headers, [kind]: pool } = await unlessAborted(connections.pools(), signal)
    const dispatcher = call.mayAct === undefined ? pool : pool.compose(fence(call.mayAct))
    const answer = await dispatcher.request({
      ...target(server, call),
      method: call.method,
      headers: { accept: accepted(call), ...contentType(call), ...headers },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
      headersTimeout: limits.callMs,
      bodyTimeout: kind === 'calls' ? limits.callMs : limits.silenceMs,
    })
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer
    if (answer.statusCode === 401) connections.expire()
    throw await refusalOf(answer)
  }

  const answered = <T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T> => {
    const deadline = { after: systemAfter, ms: limits.callMs, outer: call.signal }
    return within(deadline, async (signal) => {
      try {
        return await read(await send({ call, kind: 'calls', signal }))
      } catch (error) {
        throw explained(error, { signal, outer: call.signal })
      }
    })
  }

  return {
    request: <T>(call: Call) => answered<T>(call, readJson),
    // The metadata are the least that can be asked for.
    send: (call) => answered({ ...call, wanted: 'metadata' }, ({ body }) => body.dump()),
    stream: async function* stream({ path, query, signal, opened }) {
      try {
        const call: Call = query === undefined ? { method: 'GET', path } : { method: 'GET', path, query }
        const { body } = await send({ call, kind: 'watches', signal })
        opened?.()
        // What happens after the last line was taken concerns nobody.
        body.on('error', () => undefined)
        yield* splitLines(body)
      } catch (error) {
        throw explained(error, { signal, outer: signal })
      }
    },
    close: () => connections.close(),
  }
}

function target(server: string, { path, query }: Call): { readonly origin: string; readonly path: string } {
  const { origin, pathname } = new URL(`${server}${path}`)
  return { origin, path: query === undefined ? pathname : `${pathname}?${new URLSearchParams(query)}` }
}

/** As client-go's metadata client asks (k8s.io/client-go/metadata/metadata.go). */
function accepted({ wanted }: Call): string {
  return wanted === 'metadata'
    ? 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
    : 'application/json'
}

function contentType({ body, contentType = 'application/json' }: Call): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-type': contentType }
}

async function refusalOf(answer: Answer): Promise<ApiError> {
  const retryAfter = answer.headers['retry-after']
  return refusal(answer.statusCode, await answer.body.text(), typeof retryAfter === 'string' ? retryAfter : undefined)
}

async function readJson<T>(answer: Answer): Promise<T> {
  const text = await answer.body.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(0, 'Unreadable', 'the API server gave an answer that is not JSON; is it an API server?')
  }
}

interface Signals {
  readonly signal: AbortSignal
  readonly outer: AbortSignal | undefined
}

function explained(error: unknown, { signal, outer }: Signals): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof NotLeadingError) return new ApiError(0, 'NotLeading', error.message)
  if (outer?.aborted === true)
    return new ApiError(0, 'Aborted', 'the call to the API server was given up', { cause: error })
  if (signal.aborted) return new ApiError(0, 'Timeout', 'the API server did not answer in time', { cause: error })
  return unreachable(error)
}
