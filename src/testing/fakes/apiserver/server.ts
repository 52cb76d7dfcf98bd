import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { FakeCollection, type FakeObject } from './collection.ts'
import { type Fault, Faults, type RequestKind } from './faults.ts'
import { statusObject, WatchAnswer } from './watch-answer.ts'

export const FAKE_PATH = '/apis/fake.example/v1/things'

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface FakeReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface FakeApiServerOptions {
  /** Whether it knows streaming lists; default true. */
  readonly streamingList?: boolean
  /** Whether it knows the field selector `spec.group`; default true. */
  readonly fieldSelectors?: boolean
  /** Answers every path but that of the collection. */
  readonly answer?: (request: FakeRequest) => FakeReply | Promise<FakeReply>
  readonly tls?: ServerOptions
}

/** An API server for what a real one cannot be made to do. */
export interface FakeApiServer {
  readonly url: string
  readonly port: number
  readonly collection: FakeCollection
  readonly faults: Faults
  /** Every request so far. */
  readonly requests: readonly FakeRequest[]
  /** Connections made so far; with TLS, handshakes. */
  readonly connections: () => number
  /** Watches that are open. */
  readonly watches: () => number
  /** Sends a bookmark on each open watch. */
  readonly bookmark: () => void
  /** Ends each open watch in order. */
  readonly endWatches: () => void
  readonly close: () => Promise<void>
}

interface State {
  readonly options: FakeApiServerOptions
  readonly collection: FakeCollection
  readonly faults: Faults
  readonly requests: FakeRequest[]
  readonly watches: Set<WatchAnswer>
  readonly snapshots: Map<string, readonly FakeObject[]>
}

/** Starts one on a free loopback port. */
export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const state: State = {
    options,
    collection: new FakeCollection(),
    faults: new Faults(),
    requests: [],
    watches: new Set(),
    snapshots: new Map(),
  }
  const handler = (request: IncomingMessage, response: ServerResponse): void => void handle(state, request, response)
  const server = options.tls === undefined ? createServer(handler) : createTlsServer(options.tls, handler)
  let connections = 0
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', () => {
    connections += 1
  })
  const port = await listening(server)
  const { collection, faults, requests, watches } = state
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    collection,
    faults,
    requests,
    connections: () => connections,
    watches: () => watches.size,
    bookmark: () => {
      for (const watch of watches) watch.bookmark(collection.version)
    },
    endWatches: () => {
      for (const watch of watches) watch.end()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

async function handle(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://fake.invalid')
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const request: FakeRequest = {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  }
  state.requests.push(request)
  if (request.path !== FAKE_PATH) {
    const reply = (await state.options.answer?.(request)) ?? {
      status: 404,
      body: JSON.stringify(statusObject(404, 'NotFound')),
    }
    response.writeHead(reply.status, reply.headers).end(reply.body)
    return
  }
  const kind = kindOf(request)
  const fault = state.faults.next(kind)
  if (fault !== undefined && failed(fault, response)) return
  const refused = refusalOf(state, request)
  if (refused !== undefined) json(response, Number(refused.code), refused)
  else if (kind === 'list') list(state, request, response)
  else watch(state, { request, fault }, response)
}

function kindOf({ query }: FakeRequest): RequestKind {
  if (query.get('watch') !== 'true') return 'list'
  return query.has('sendInitialEvents') ? 'stream' : 'watch'
}

/** Faults that take the place of an answer. */
function failed(fault: Fault, response: ServerResponse): boolean {
  if (fault.kind === 'refuse') {
    const { status, reason = 'Fault', message, retryAfter } = fault
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
    json(response, status, statusObject(status, reason, message))
  }
  if (fault.kind === 'reset') response.socket?.resetAndDestroy()
  if (fault.kind === 'nonsense') response.writeHead(200).end('<html>not what was asked for</html>\n')
  return ['refuse', 'reset', 'nonsense', 'hang'].includes(fault.kind)
}

function refusalOf({ options, collection }: State, { query }: FakeRequest): { readonly code: number } | undefined {
  const from = query.get('resourceVersion')
  if (query.has('sendInitialEvents') && options.streamingList === false) {
    return refused(
      422,
      'Invalid',
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden',
    )
  }
  if (query.has('fieldSelector') && options.fieldSelectors === false) {
    return refused(400, 'BadRequest', 'field label not supported: spec.group')
  }
  if (from !== null && collection.since(Number(from)) === undefined)
    return refused(410, 'Expired', 'too old resource version')
  return undefined
}

function refused(code: number, reason: string, message: string): { readonly code: number } {
  return { code, ...statusObject(code, reason, message) }
}

function list({ collection, snapshots }: State, { query }: FakeRequest, response: ServerResponse): void {
  const limit = Number(query.get('limit') ?? Number.MAX_SAFE_INTEGER)
  const [version = String(collection.version), start = '0'] = query.get('continue')?.split('.') ?? []
  const items = snapshots.get(version) ?? collection.objects.filter(wantedBy(query))
  snapshots.set(version, items)
  const next = Number(start) + limit
  const position = next < items.length ? { continue: `${version}.${next}` } : {}
  json(response, 200, { metadata: { resourceVersion: version, ...position }, items: items.slice(Number(start), next) })
}

function watch(
  { collection, watches }: State,
  { request: { query }, fault }: { readonly request: FakeRequest; readonly fault: Fault | undefined },
  response: ServerResponse,
): void {
  const from = query.has('sendInitialEvents') ? undefined : Number(query.get('resourceVersion'))
  const answer = new WatchAnswer(collection, { from, wanted: wantedBy(query), fault }, response)
  watches.add(answer)
  response.on('close', () => watches.delete(answer))
  answer.start()
}

function wantedBy(query: URLSearchParams): (object: FakeObject) => boolean {
  const group = /^spec\.group=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1]
  return ({ spec }) => group === undefined || spec.group === group
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
