import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { capabilities, FakeAccess, type FakeToken } from './access.ts'
import { content, type FakeAnswer, oneError, Refusal } from './answer.ts'
import { FakeEngine } from './engine.ts'
import type { EngineOptions } from './engine-options.ts'
import type { Body } from './order.ts'

/** What goes wrong with a call, instead of its answer or after it. */
export type VaultFault =
  | { readonly kind: 'answer'; readonly answer: FakeAnswer }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly text: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'break' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'lose' }
  /** No answer until the fake closes. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'alter'; readonly alter: (answer: FakeAnswer) => FakeAnswer }
  /** It is done when this has come. */
  | { readonly kind: 'wait'; readonly until: Promise<void> }
  /** Something happens first; then the call goes on. */
  | { readonly kind: 'first'; readonly act: () => void }

export interface SeenCall {
  /** `POST pki/issuer/mesh/sign-intermediate` */
  readonly call: string
  readonly headers: IncomingMessage['headers']
  readonly body: Body
}

export interface FakeVaultOptions extends EngineOptions {
  readonly tls?: ServerOptions
}

/** OpenBao as it was measured, as far as the back end asks it. It signs really. */
export interface FakeVault {
  readonly url: string
  readonly engine: FakeEngine
  readonly access: FakeAccess
  /** Every call so far. */
  readonly calls: readonly SeenCall[]
  /** What sys/health shows. */
  readonly health: { initialized: boolean; sealed: boolean; standby: boolean; version: string; enterprise?: boolean }
  /** Whether a header that names a namespace is heeded: there is none but the root. Vault's Community Edition heeds none. */
  readonly namespaces: { heeded: boolean }
  /** Lets the next so many calls that fit fail. */
  readonly fail: (call: RegExp, fault: VaultFault, times?: number) => void
  /** Faults that were not met. */
  readonly unmet: () => readonly string[]
  readonly close: () => Promise<void>
}

interface Planned {
  readonly call: RegExp
  readonly fault: VaultFault
  left: number
}

const HELP_HEAD = 'Request:        issuer/x/sign-intermediate\n\n## PARAMETERS\n'

export async function startFakeVault(options: FakeVaultOptions): Promise<FakeVault> {
  const engine = new FakeEngine(options)
  const access = new FakeAccess(options.now)
  const calls: SeenCall[] = []
  const planned: Planned[] = []
  const health = { initialized: true, sealed: false, standby: false, version: '2.7.2' }
  const namespaces = { heeded: true }
  const world: World = { options, engine, access, calls, planned, health, namespaces }
  const handler = (request: IncomingMessage, response: ServerResponse): void => void handle(world, request, response)
  const server = options.tls === undefined ? createServer(handler) : createTlsServer(options.tls, handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    engine,
    access,
    calls,
    health,
    namespaces,
    fail: (call, fault, times = 1) => void planned.push({ call, fault, left: times }),
    unmet: () =>
      planned.filter(({ left }) => left > 0 && left !== Infinity).map(({ call, fault }) => `${call} ${fault.kind}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface World extends Pick<FakeVault, 'engine' | 'access' | 'health' | 'namespaces'> {
  readonly options: FakeVaultOptions
  readonly calls: SeenCall[]
  readonly planned: Planned[]
}

async function handle(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString()
  const { method = '', url = '', headers } = request
  const { pathname, search } = new URL(url, 'http://fake')
  const call = `${method} ${pathname.replace(/^\/v1\//, '')}${search}`
  const seen: SeenCall = { call, headers, body: text === '' ? {} : JSON.parse(text) }
  world.calls.push(seen)
  const plan = world.planned.find((one) => one.left > 0 && one.call.test(call))
  if (plan !== undefined) plan.left -= 1
  if (plan?.fault.kind === 'wait') await plan.fault.until
  respond(world, { seen, fault: plan?.fault }, response)
}

function respond(
  world: World,
  { seen, fault }: { readonly seen: SeenCall; readonly fault: VaultFault | undefined },
  response: ServerResponse,
): void {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'break') return void response.socket?.resetAndDestroy()
  if (fault?.kind === 'text') return void response.writeHead(fault.status, fault.headers).end(fault.text)
  if (fault?.kind === 'first') fault.act()
  const answer = fault?.kind === 'answer' ? fault.answer : work(world, seen)
  if (fault?.kind === 'lose') return void response.socket?.resetAndDestroy()
  const sent = fault?.kind === 'alter' ? fault.alter(answer) : answer
  const date = new Date(world.options.now()).toUTCString()
  response.writeHead(sent.status, { date, 'content-type': 'application/json', ...sent.headers })
  response.end(sent.body === undefined ? undefined : JSON.stringify(sent.body))
}

function work(world: World, seen: SeenCall): FakeAnswer {
  try {
    return answered(world, seen)
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { errors: [error.message] } }
    return { status: 500, body: { errors: [`the fake failed: ${String(error)}`] } }
  }
}

function answered(world: World, { call, headers, body }: SeenCall): FakeAnswer {
  const { access, engine, options, health, namespaces } = world
  const [method = '', path = ''] = call.split(' ')
  const inside = namespaces.heeded && headers['x-vault-namespace'] !== undefined
  if (path.startsWith('sys/health') && inside) throw new Refusal(400, 'operation unavailable in namespaces')
  if (path.startsWith('sys/health')) return { status: 200, body: health }
  if (health.sealed) throw new Refusal(503, 'Vault is sealed')
  if (inside) throw new Refusal(404, 'namespace not found')
  const { mount } = options
  if (path.startsWith(`${mount}/issuer/`) && path.endsWith('/json'))
    return engine.handle(method, path.slice(mount.length + 1), body)
  if (/^auth\/.*\/login$/.test(path)) return access.login(path, body)
  const given = headers['x-vault-token']
  const token = access.known(typeof given === 'string' ? given : undefined)
  const self = access.self(call, token, body)
  if (self !== undefined) return self
  if (path.endsWith('?help=1')) return { status: 200, body: { help: helpOf(engine.options.parameters) } }
  if (path === `sys/internal/ui/mounts/${mount}`)
    return content({ data: { config: { max_lease_ttl: engine.options.maxTtl } } })
  checkRights(token, path, method)
  if (!path.startsWith(`${mount}/`)) throw new Refusal(404, `no handler for route "${path}". route entry not found.`)
  return engine.handle(method, path.slice(mount.length + 1), body)
}

function checkRights({ rights }: FakeToken, path: string, method: string): void {
  const has = capabilities(rights, path)
  if (!has.includes('root') && !has.includes(method === 'GET' ? 'read' : 'update'))
    throw new Refusal(403, oneError('permission denied'))
}

function helpOf(parameters: readonly string[]): string {
  return `${HELP_HEAD}${parameters.map((name) => `\n    ${name} (string)\n\n        What it is.\n`).join('')}\n## DESCRIPTION\n`
}
