import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { isLoopback, type Listening, listen, makeApp, type ServerSources, splitAddress } from './server.ts'

const SOURCES: ServerSources = {
  live: () => ({ ok: true, text: 'ok\n' }),
  ready: () => ({ ok: false, text: 'not yet\n' }),
  metrics: async () => 'meshca_leader 1\n',
  metricsType: 'text/plain; version=0.0.4; charset=utf-8',
}

async function listening(context: TestContext, sources: Partial<ServerSources> = {}): Promise<Listening> {
  const server = await listen(makeApp({ ...SOURCES, ...sources }), '127.0.0.1:0')
  context.after(server.close)
  return server
}

const ROWS = [
  { method: 'GET', path: '/livez', status: 200, body: 'ok\n' },
  { method: 'HEAD', path: '/livez', status: 200, body: '' },
  { method: 'GET', path: '/readyz', status: 503, body: 'not yet\n' },
  { method: 'GET', path: '/metrics', status: 200, body: 'meshca_leader 1\n' },
  { method: 'GET', path: '/', status: 404, body: 'there is no such page\n' },
  { method: 'POST', path: '/livez', status: 404, body: 'there is no such page\n' },
]

for (const { method, path, status, body } of ROWS) {
  test(`answers ${method} ${path} with ${status}`, async (context) => {
    const { port } = await listening(context)
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    assert.deepEqual([response.status, await response.text()], [status, body])
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
    assert.deepEqual([response.headers.get('x-powered-by'), response.headers.get('etag')], [null, null])
  })
}

test('what a source throws is not shown', async (context) => {
  const { port } = await listening(context, { metrics: () => Promise.reject(new Error('secret')) })
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  assert.deepEqual([response.status, await response.text()], [500, 'failed\n'])
})

test('an answer under way is finished before it closes, and nothing is taken after', async (context) => {
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()]
  const metrics = (): Promise<string> => {
    asked.resolve()
    return go.promise
  }
  const { port, close } = await listening(context, { metrics })
  const answer = fetch(`http://127.0.0.1:${port}/metrics`)
  await asked.promise
  const closed = close()
  await assert.rejects(fetch(`http://127.0.0.1:${port}/livez`))
  go.resolve('late\n')
  assert.equal(await (await answer).text(), 'late\n')
  await closed
})

test('an address that is taken is an error', async (context) => {
  const { port } = await listening(context)
  await assert.rejects(listen(makeApp(SOURCES), `127.0.0.1:${port}`), { code: 'EADDRINUSE' })
})

const ADDRESSES = [
  { address: ':8080', host: '', port: 8080 },
  { address: '127.0.0.1:9090', host: '127.0.0.1', port: 9090 },
  { address: '[::1]:8080', host: '::1', port: 8080 },
  { address: 'localhost:0', host: 'localhost', port: 0 },
]

for (const { address, ...expected } of ADDRESSES) {
  test(`reads the address ${address}`, () => {
    assert.deepEqual(splitAddress(address), expected)
  })
}

const LOOPBACK: readonly (readonly [address: string, loopback: boolean])[] = [
  ['127.0.0.1:8081', true],
  ['127.1.2.3:8081', true],
  ['localhost:8081', true],
  ['[::1]:8081', true],
  [':8081', false],
  ['0.0.0.0:8081', false],
  ['[::]:8081', false],
  ['10.0.0.1:8081', false],
  ['127.0.0.1.example:8081', false],
  ['localhost.example:8081', false],
]

for (const [address, loopback] of LOOPBACK) {
  test(`${address} is ${loopback ? '' : 'not '}of this machine alone`, () => {
    assert.equal(isLoopback(address), loopback)
  })
}
