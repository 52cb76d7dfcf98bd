import { createServer, type Server } from 'node:http'
import express, { type Express } from 'express'
import type { HealthReport } from '../ops/health.ts'

/** What the probes and the scraper are answered with; given by whoever knows. */
export interface ServerSources {
  readonly live: () => HealthReport
  readonly ready: () => HealthReport
  readonly metrics: () => Promise<string>
  readonly metricsType: string
}

/** The routes /livez, /readyz and /metrics. */
export function makeApp(sources: ServerSources): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const probe = (path: string, read: () => HealthReport): void => {
    app.get(path, (_request, response) => {
      const { ok, text } = read()
      response
        .status(ok ? 200 : 503)
        .type('text/plain')
        .send(text)
    })
  }
  probe('/livez', sources.live)
  probe('/readyz', sources.ready)
  app.get('/metrics', async (_request, response) => {
    response.type(sources.metricsType).send(await sources.metrics())
  })
  return app
}

export interface Listening {
  readonly close: () => Promise<void>
}

/** Listens on `host:port`; `:8080` means every address. Rejects where the address cannot be had. */
export async function listen(app: Express, address: string): Promise<Listening> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
  const server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: Number(address.slice(colon + 1)), ...(host === '' ? {} : { host }) }, resolve)
  })
  return { close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
