import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Reply, routes, type ServerSources } from './routes.ts'

const SOURCES: ServerSources = {
  live: () => ({ ok: true, text: 'ok\n' }),
  ready: () => ({ ok: false, text: 'the list of issuers is not complete\n' }),
  metrics: async () => 'meshca_leader 1\n',
  metricsType: 'text/plain; version=0.0.4',
}

const ROWS: readonly (Reply & { readonly path: string })[] = [
  { path: '/livez', status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' },
  { path: '/readyz', status: 503, type: 'text/plain; charset=utf-8', body: 'the list of issuers is not complete\n' },
  { path: '/metrics', status: 200, type: 'text/plain; version=0.0.4', body: 'meshca_leader 1\n' },
]

test('there are these pages and no others', async () => {
  const replies = await Promise.all(routes(SOURCES).map(async ({ path, reply }) => ({ path, ...(await reply()) })))
  assert.deepEqual(replies, ROWS)
})
