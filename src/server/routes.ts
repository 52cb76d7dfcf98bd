import type { HealthReport } from '../ops/health.ts'

/** What the probes and the scraper are answered with; given by whoever knows. */
export interface ServerSources {
  readonly live: () => HealthReport
  readonly ready: () => HealthReport
  readonly metrics: () => Promise<string>
  readonly metricsType: string
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A path and what a GET of it is answered with. */
export interface Route {
  readonly path: string
  readonly reply: () => Promise<Reply>
}

const TEXT = 'text/plain; charset=utf-8'

/** The routes /livez, /readyz and /metrics. */
export function routes(sources: ServerSources): readonly Route[] {
  return [
    { path: '/livez', reply: async () => probe(sources.live()) },
    { path: '/readyz', reply: async () => probe(sources.ready()) },
    {
      path: '/metrics',
      reply: async () => ({ status: 200, type: sources.metricsType, body: await sources.metrics() }),
    },
  ]
}

function probe({ ok, text }: HealthReport): Reply {
  return { status: ok ? 200 : 503, type: TEXT, body: text }
}

/** Answers when a source throws: what it threw stays inside. */
export const FAILED: Reply = { status: 500, type: TEXT, body: 'failed\n' }
export const UNKNOWN: Reply = { status: 404, type: TEXT, body: 'there is no such page\n' }
