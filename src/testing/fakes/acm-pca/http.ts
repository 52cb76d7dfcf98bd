import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type ControlCommand, control, state } from './control.ts'
import { visit } from './front.ts'
import { isObject, type JsonObject } from './input.ts'
import type { AcmPcaOptions } from './options.ts'
import { type AcmPcaParts, makeParts } from './parts.ts'
import type { WireRequest } from './sigv4.ts'

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
  const server = createServer((request, response) => void handle(held, request, response))
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

async function handle(held: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(incoming)
  const target = incoming.url ?? '/'
  if (body === undefined) return
  if (target.startsWith('/_')) return steer(held.parts, { target, body }, response)
  const { method = '', headers } = incoming
  await answer(held, { method, target, headers, body }, response)
}

/** Undefined where the caller went away. */
async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

async function answer({ parts, after }: State, request: WireRequest, response: ServerResponse): Promise<void> {
  const outcome = visit(parts, request)
  if (outcome.latencyMs > 0) await waited(after, outcome.latencyMs, response)
  if (outcome.do === 'hang') await parts.faults.hang((letGo) => response.on('close', letGo))
  if (outcome.do === 'answer')
    response.writeHead(outcome.reply.status, { ...outcome.reply.headers }).end(outcome.reply.body)
  else response.socket?.resetAndDestroy()
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
function steer(
  parts: AcmPcaParts,
  { target, body }: { readonly target: string; readonly body: Uint8Array },
  response: ServerResponse,
): void {
  const [status, value] = steered(parts, target, body)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function steered(parts: AcmPcaParts, target: string, body: Uint8Array): readonly [status: number, value: object] {
  const { journal } = parts
  if (target === '/_journal')
    return [200, { entries: journal.entries, minted: journal.minted, summary: journal.summary() }]
  if (target === '/_state') return [200, state(parts)]
  if (target !== '/_control') return [404, { error: `there is no ${target}` }]
  try {
    const command: unknown = JSON.parse(Buffer.from(body).toString())
    if (!isObject(command)) return [400, { error: 'a command is a JSON object' }]
    return [200, control(parts, command)]
  } catch (error) {
    return [400, { error: String(error) }]
  }
}
