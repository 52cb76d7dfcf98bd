import assert from 'node:assert/strict'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { testCa, testLeaf } from '../testing/certificates.ts'
import { type FakeProxy, startFakeProxy } from '../testing/fakes/proxy/server.ts'
import { dns } from '../testing/names.ts'
import { openConnections, PROXY_CODE, proxyCode } from './outbound.ts'
import type { OutboundProxy } from './services.ts'

/** TLS looks at the real time. */
const ALWAYS = { notBefore: 0, notAfter: Date.UTC(2099, 0) }
const ROOT = testCa({ subject: 'CN=TLS Root', ...ALWAYS })
const SERVER = testLeaf(ROOT, { subject: 'CN=pki', names: [dns('pki.example'), dns('localhost')], ...ALWAYS })
const LIMITS = { connections: 1, headersTimeout: 2000, bodyTimeout: 2000, maxResponseSize: 1000 }

interface Stage {
  readonly asked: FakeProxy['asked']
  readonly proxyUrl: string
  readonly port: number
  /** The answer of the server at this address, or what came instead. */
  readonly get: (origin: string, proxy: OutboundProxy | undefined) => Promise<string>
}

/** A server that says which name it was called by, and a proxy that leads to it whoever is asked for. */
async function stage(context: TestContext, refusal?: string): Promise<Stage> {
  const tls = { key: SERVER.privateKeyPem, cert: SERVER.certificatePem }
  const server = createHttps(tls, (request, response) => response.end(request.headers.host))
  const port = await listen(context, server)
  const { url, asked } = await startFakeProxy(context, { port, ...(refusal === undefined ? {} : { refusal }) })
  const get: Stage['get'] = async (origin, through) => {
    const dispatcher = openConnections({ ...LIMITS, connect: { ca: ROOT.certificatePem, timeout: 2000 } }, through)
    context.after(() => dispatcher.destroy())
    const { body } = await dispatcher.request({ origin, path: '/', method: 'GET' })
    return body.text()
  }
  return { asked, proxyUrl: url, port, get }
}

async function listen(context: TestContext, server: Server & { closeAllConnections: () => void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('a call goes through the proxy, which is told the name, and TLS is with the server itself', async (context) => {
  const { asked, proxyUrl, get } = await stage(context)
  assert.equal(await get('https://pki.example:8200', { url: proxyUrl, except: '' }), 'pki.example:8200')
  assert.deepEqual(asked, [['pki.example:8200', undefined]])
})

test('a proxy that asks for a password is given it', async (context) => {
  const { asked, proxyUrl, get } = await stage(context)
  const url = proxyUrl.replace('//', '//user:p%40ss@')
  assert.equal(await get('https://pki.example', { url, except: '' }), 'pki.example')
  assert.deepEqual(asked, [['pki.example:443', `Basic ${Buffer.from('user:p@ss').toString('base64')}`]])
})

test('another name than that of the certificate is not taken behind a proxy either', async (context) => {
  const { proxyUrl, get } = await stage(context)
  await assert.rejects(get('https://other.example', { url: proxyUrl, except: '' }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})

for (const except of ['localhost', '.example, localhost', '*', 'a.example localhost:PORT']) {
  test(`a host in "${except}" is called straight`, async (context) => {
    const { asked, proxyUrl, port, get } = await stage(context)
    const proxy = { url: proxyUrl, except: except.replace('PORT', String(port)) }
    assert.equal(await get(`https://localhost:${port}`, proxy), `localhost:${port}`)
    assert.deepEqual(asked, [])
  })
}

test('what is said of proxies elsewhere does not count', async (context) => {
  const { asked, proxyUrl, port, get } = await stage(context)
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) {
    const before = process.env[name]
    context.after(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
    process.env[name] = proxyUrl
  }
  assert.equal(await get(`https://localhost:${port}`, undefined), `localhost:${port}`)
  assert.deepEqual(asked, [])
})

test('calls without TLS, which labs make, go straight', async (context) => {
  const { asked, proxyUrl, get } = await stage(context)
  const plain = createHttp((_, response) => response.end('plain'))
  const port = await listen(context, plain)
  assert.equal(await get(`http://127.0.0.1:${port}`, { url: proxyUrl, except: '' }), 'plain')
  assert.deepEqual(asked, [])
})

test('a proxy that does not let a call through is told by what it answered', async (context) => {
  const { proxyUrl, get } = await stage(context, '403 Forbidden')
  const error = await get('https://pki.example', { url: proxyUrl, except: '' }).catch((thrown: unknown) => thrown)
  const code = proxyCode(new Error('wrapped', { cause: error }))
  assert.equal(code, 'PROXY_403')
  assert.match(code, PROXY_CODE)
})

test('what else goes wrong has its own code', () => {
  const others = [
    new Error('Proxy response'),
    Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    'PROXY_403',
    undefined,
  ]
  assert.deepEqual(others.map(proxyCode), [undefined, undefined, undefined, undefined])
})
