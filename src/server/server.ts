import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { FAILED, type Reply, routes, type ServerSources, UNKNOWN } from './routes.ts'

export type { ServerSources } from './routes.ts'

/** An express application that answers GET and HEAD of each route. */
export function makeApp(sources: ServerSources): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  for (const { path, reply } of routes(sources)) {
    app.get(path, async (_request, response) => send(response, await reply()))
  }
  app.use((_request: Request, response: Response) => send(response, UNKNOWN))
  // express knows handlers of errors by their four parameters.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => send(response, FAILED))
  return app
}

/** Sends an answer, and lets nobody guess another type. */
export function send(response: Response, { status, type, body, headers = {} }: Reply): void {
  response
    .status(status)
    .set({ ...headers, 'content-type': type, 'x-content-type-options': 'nosniff' })
    .send(body)
}

export interface Listening {
  /** The one that was free, where port 0 was asked for. */
  readonly port: number
  /** Takes no more requests and resolves when those under way are answered, or cut off after a second. */
  readonly close: () => Promise<void>
}

const CLOSE_MS = 1000

/**
 * Listens on `host:port`; `:8080` means every address.
 * @throws what the system says, such as EADDRINUSE
 */
export async function listen(app: Express, address: string): Promise<Listening> {
  const { host, port } = splitAddress(address)
  const server = createServer({ requestTimeout: 10_000 }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== '' && { host }) }, resolve)
  })
  return { port: portOf(server.address()) ?? port, close: () => closed(server) }
}

/** `:8080`, `127.0.0.1:8080` or `[::1]:8080`. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}

/** Whether an address (as `splitAddress` takes it) is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  const { host } = splitAddress(address)
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === 'object' ? address?.port : undefined
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
