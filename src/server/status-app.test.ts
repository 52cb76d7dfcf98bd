import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { testBusyOverview, testLargeOverview } from '../testing/overview.ts'
import type { Admission } from './access.ts'
import { listen } from './server.ts'
import { makeStatusApp, type StatusSources } from './status-app.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function serve(context: TestContext, sources: Partial<StatusSources> = {}) {
  const app = makeStatusApp({ overview: testBusyOverview, access: undefined, ...sources })
  const { port, close } = await listen(app, '127.0.0.1:0')
  context.after(close)
  return ({ path = '/', method = 'GET', headers = {} }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      sent.on('error', reject).end()
    })
}

const COMMON = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

test('shows every row to whoever asks for all', async (context) => {
  const get = await serve(context, { overview: () => testLargeOverview(60) })
  const rows = async (path: string) => (await get({ path })).body.split('team-59/mesh').length - 1
  assert.deepEqual([await rows('/'), await rows('/?rows=all'), await rows('/?rows=some')], [0, 1, 0])
})

test('the policy lets the one style of the page through, and nothing else', async (context) => {
  const get = await serve(context)
  const { headers, body } = await get()
  const style = /<style>(.*?)<\/style>/s.exec(body)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.equal(
    headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  assert.equal(body.split('<style').length, 2)
})

const PAGES = [
  { asked: {}, status: 200, type: 'text/html; charset=utf-8', refresh: '30', starts: '<!doctype html>' },
  { asked: { method: 'HEAD' }, status: 200, type: 'text/html; charset=utf-8', refresh: '30', starts: '' },
  { asked: { path: '/?refresh=off' }, status: 200, type: 'text/html; charset=utf-8', refresh: undefined, starts: '<!' },
  { asked: { path: '/?refresh=1' }, status: 200, type: 'text/html; charset=utf-8', refresh: '30', starts: '<!' },
  {
    asked: { path: '/?refresh=off&refresh=1' },
    status: 200,
    type: 'text/html; charset=utf-8',
    refresh: '30',
    starts: '<!',
  },
  {
    asked: { path: '/status.json' },
    status: 200,
    type: 'application/json; charset=utf-8',
    refresh: undefined,
    starts: '{',
  },
  {
    asked: { path: '/metrics' },
    status: 404,
    type: 'text/plain; charset=utf-8',
    refresh: undefined,
    starts: 'there is',
  },
  { asked: { method: 'POST' }, status: 404, type: 'text/plain; charset=utf-8', refresh: undefined, starts: 'there is' },
]

for (const { asked, status, type, refresh, starts } of PAGES) {
  test(`answers ${JSON.stringify(asked)} with ${status}`, async (context) => {
    const get = await serve(context)
    const { headers, body, ...answer } = await get(asked)
    assert.equal(answer.status, status)
    assert.equal(body.slice(0, starts.length), starts)
    assert.equal(body === '', asked.method === 'HEAD')
    assert.deepEqual([headers['content-type'], headers.refresh], [type, refresh])
    for (const [name, value] of Object.entries(COMMON)) assert.equal(headers[name], value, name)
    assert.deepEqual([headers.etag, headers['x-powered-by']], [undefined, undefined])
  })
}

const HOSTS: readonly (readonly [host: string, status: number])[] = [
  ['localhost', 200],
  ['localhost:8081', 200],
  ['127.0.0.1:8081', 200],
  ['127.8.9.1', 200],
  ['[::1]:8081', 200],
  ['LOCALHOST', 200],
  ['evil.example', 403],
  ['localhost.evil.example', 403],
  ['127.0.0.1.evil.example', 403],
  ['evil.example:8081', 403],
]

for (const [host, status] of HOSTS) {
  test(`on a loopback address, asked as ${host}: ${status}`, async (context) => {
    const get = await serve(context)
    const answer = await get({ headers: { host } })
    assert.equal(answer.status, status)
    if (status === 403) assert.doesNotMatch(answer.body, /istio/)
  })
}

const ADMISSIONS: readonly (readonly [
  admission: Admission,
  status: number,
  header: string,
  value: string | undefined,
])[] = [
  ['allowed', 200, 'refresh', '30'],
  ['unknown', 401, 'www-authenticate', 'Bearer realm="mesh-ca-issuer"'],
  ['forbidden', 403, 'www-authenticate', undefined],
  ['unavailable', 503, 'retry-after', '1'],
]

for (const [admission, status, header, value] of ADMISSIONS) {
  for (const path of ['/', '/status.json', '/elsewhere']) {
    test(`with tokens, ${admission} at ${path}`, async (context) => {
      const seen: (string | undefined)[] = []
      const admit = async (authorization: string | undefined): Promise<Admission> => {
        seen.push(authorization)
        return admission
      }
      const get = await serve(context, { access: { admit } })
      const answer = await get({ path, headers: { host: 'status.example', authorization: 'Bearer abc' } })
      assert.equal(answer.status, admission === 'allowed' && path === '/elsewhere' ? 404 : status)
      if (path === '/' || admission !== 'allowed') assert.equal(answer.headers[header], value)
      if (admission !== 'allowed') assert.doesNotMatch(answer.body, /istio/)
      assert.match(String(answer.headers['content-security-policy']), /^default-src 'none'/)
      assert.deepEqual(seen, ['Bearer abc'])
    })
  }
}

test('what an overview throws is not shown', async (context) => {
  const fail = (): never => {
    throw new Error('a-secret')
  }
  const get = await serve(context, { overview: fail })
  const { status, body } = await get()
  assert.deepEqual([status, body], [500, 'failed\n'])
})
