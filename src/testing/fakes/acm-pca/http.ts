import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type ControlCommand, control, state } from './control.ts'
import { visit } from './front.ts'
import { isObject, type JsonObject } from './input.ts'
import type { AcmPcaOptions } from './options.ts'
import { type AcmPcaParts, makeParts } from './parts.ts'
import type { WireRequest } from './sigv4.ts'
import type { WireReply } from './wire.ts'

/** Both services on one loopback port. */
export interface AcmPca extends Omit<AcmPcaParts, 'service' | 'sts'> {
  /** Endpoint of Private CA. */
  readonly url: string
  /** Endpoint of STS: the same one. */
  readonly stsUrl: string
  readonly port: number
  readonly control: (command: ControlCommand) => JsonObject
  readonly close: () => Promise<void>
}

interface State {
  readonly parts: AcmPcaParts
  readonly after: (ms: number, act: () => void) => () => void
}

export async function startAcmPca(options: AcmPcaOptions): Promise<AcmPca> {
  const parts = makeParts(options)
  const held = { parts, after: options.after ?? realAfter }
  const server = createServer((incoming, response) => whole(incoming, (request) => handle(held, request, response)))
  const port = await listening(server, options.port ?? 0)
  const { service: _service, sts: _sts, ...rest } = parts
  const url = `http://127.0.0.1:${port}`
  return {
    ...rest,
    url,
    stsUrl: url,
    port,
    control: (command) => control(parts, command),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        parts.faults.release()
        server.closeAllConnections()
      }),
  }
}

function realAfter(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

/** Takes a request once all of its body is there; of one that breaks off, nothing. */
function whole(incoming: IncomingMessage, take: (request: WireRequest) => void): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const { method = '', url: target = '/', headers } = incoming
    take({ method, target, headers, body: Buffer.concat(chunks) })
  })
}

function handle(held: State, request: WireRequest, response: ServerResponse): void {
  if (request.target.startsWith('/_')) steer(held.parts, request, response)
  else void answer(held, request, response)
}

async function answer({ parts, after }: State, request: WireRequest, response: ServerResponse): Promise<void> {
  const outcome = visit(parts, request)
  if (outcome.latencyMs > 0) await waited(after, outcome.latencyMs, response)
  if (outcome.do === 'hang') await parts.faults.hang((letGo) => response.on('close', letGo))
  if (outcome.do === 'answer') send(response, outcome.reply)
  else response.socket?.resetAndDestroy()
}

/** The length is told, or node would send the body in chunks. */
function send(response: ServerResponse, { status, headers, body }: WireReply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

function waited(after: State['after'], ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const stop = after(ms, resolve)
    response.on('close', () => {
      stop()
      resolve()
    })
  })
}

/** The paths that AWS does not have. */
function steer(parts: AcmPcaParts, request: WireRequest, response: ServerResponse): void {
  const [status, value] = steered(parts, request)
  send(response, { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
}

function steered(parts: AcmPcaParts, { target, body }: WireRequest): readonly [status: number, value: object] {
  const { journal } = parts
  if (target === '/_journal')
    return [200, { entries: journal.entries, minted: journal.minted, summary: journal.summary() }]
  if (target === '/_state') return [200, state(parts)]
  if (target !== '/_control') return [404, { error: `there is no ${target}` }]
  try {
    const command: unknown = JSON.parse(body.toString())
    if (!isObject(command)) return [400, { error: 'a command is a JSON object' }]
    return [200, control(parts, command)]
  } catch (error) {
    return [400, { error: String(error) }]
  }
}
