import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startFakeProxy } from '../../testing/fakes/proxy/server.ts'
import { type SdkRequest, Transport, TransportError, type TransportLimits } from './transport.ts'

const STRAIGHT = { mayAct: () => true, proxy: undefined }
const LIMITS: TransportLimits = { connectMs: 1000, answerMs: 1000, connections: 2, mostOctets: 1000 }

interface Stage {
  readonly transport: Transport
  readonly request: SdkRequest
}

async function stage(
  context: TestContext,
  listener: RequestListener,
  limits: Partial<TransportLimits> = {},
): Promise<Stage> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const transport = new Transport(STRAIGHT, { ...LIMITS, ...limits })
  context.after(async () => {
    await transport.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const headers = { 'content-type': 'text/plain' }
  return {
    transport,
    request: { protocol: 'http:', hostname: '127.0.0.1', port, path: '/', method: 'POST', headers, body: 'question' },
  }
}

function failsWith(code: string | RegExp, sent: boolean) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof TransportError)
    assert.match(error.code, typeof code === 'string' ? new RegExp(`^${code}$`) : code)
    assert.equal(error.sent, sent)
    return true
  }
}

test('carries a request and its answer', async (context) => {
  const { transport, request } = await stage(context, (incoming, response) => {
    incoming.on('data', (body) => {
      response.writeHead(201, { 'x-test': ['a', 'b'] })
      const { 'content-type': type, 'user-agent': who } = incoming.headers
      response.end(`${who} ${incoming.method} ${incoming.url} ${type} ${body}`)
    })
  })
  const { response } = await transport.handle({ ...request, path: '/p', query: { a: '1 2', b: ['x', 'y'], c: null } })
  assert.equal(response.statusCode, 201)
  assert.equal(response.headers['x-test'], 'a,b')
  assert.equal(Buffer.from(response.body).toString(), 'mesh-ca-issuer POST /p?a=1%202&b=x&b=y&c= text/plain question')
})

test('keeps its connections open, and no more than it may', async (context) => {
  const sockets = new Set<unknown>()
  const { transport, request } = await stage(context, (incoming, response) => {
    sockets.add(incoming.socket)
    response.end('x')
  })
  await Promise.all(Array.from({ length: 8 }, () => transport.handle(request)))
  await transport.handle(request)
  assert.equal(sockets.size, 2)
})

test('a redirect is an answer like any other', async (context) => {
  let calls = 0
  const { transport, request } = await stage(context, (_, response) => {
    calls += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  const { response } = await transport.handle(request)
  assert.deepEqual([response.statusCode, calls], [307, 1])
})

test('an answer without end is not read to its end', async (context) => {
  const { transport, request } = await stage(context, (_, response) => response.end('x'.repeat(1001)))
  await assert.rejects(transport.handle(request), failsWith('UND_ERR_RES_EXCEEDED_MAX_SIZE', true))
})

test('an answer that does not come is lost', async (context) => {
  const { transport, request } = await stage(context, () => undefined, { answerMs: 20 })
  await assert.rejects(transport.handle(request), failsWith('TIMEOUT', true))
})

test('an answer that stops on its way is lost', async (context) => {
  const { transport, request } = await stage(context, (_, response) => void response.write('x'), { answerMs: 100 })
  await assert.rejects(transport.handle(request), failsWith('TIMEOUT', true))
})

test('an answer whose connection breaks is lost', async (context) => {
  const { transport, request } = await stage(context, (incoming) => void incoming.socket.destroy())
  await assert.rejects(transport.handle(request), failsWith(/^(?:UND_ERR_SOCKET|ECONNRESET)$/, true))
})

test('what nobody listens to was not sent', async (context) => {
  const { transport, request } = await stage(context, () => undefined)
  await assert.rejects(transport.handle({ ...request, port: 1 }), failsWith('ECONNREFUSED', false))
})

test('a server without TLS was not sent anything', async (context) => {
  const { transport, request } = await stage(context, () => undefined)
  await assert.rejects(
    transport.handle({ ...request, protocol: 'https:' }),
    failsWith(/^(?:ERR_SSL_\w+|EPROTO)$/, false),
  )
})

test('a proxy is asked for the host, and one that says no was sent nothing else', async (context) => {
  const { url, asked } = await startFakeProxy(context, { refusal: '403 Forbidden' })
  const transport = new Transport({ ...STRAIGHT, proxy: { url, except: '' } }, LIMITS)
  context.after(() => transport.close())
  const hostname = 'acm-pca.eu-central-1.amazonaws.com'
  const request = { protocol: 'https:', hostname, path: '/', method: 'POST', headers: {}, body: '{}' }
  await assert.rejects(transport.handle(request), failsWith('PROXY_403', false))
  assert.deepEqual(asked, [[`${hostname}:443`, undefined]])
})

test('a call that is given up while it waits', async (context) => {
  const controller = new AbortController()
  const { transport, request } = await stage(context, () => controller.abort())
  await assert.rejects(transport.handle(request, { abortSignal: controller.signal }), failsWith('ABORTED', true))
})

test('a call that is given up before it began', async (context) => {
  const { transport, request } = await stage(context, () => assert.fail('nothing is sent'))
  await assert.rejects(transport.handle(request, { abortSignal: AbortSignal.abort() }), failsWith('ABORTED', false))
})

test('a call that is under way when the connections are cut may have been done, and no other is taken', async (context) => {
  const { transport, request } = await stage(context, () => void transport.close())
  await assert.rejects(transport.handle(request), (error: unknown) => error instanceof TransportError && error.sent)
  await assert.rejects(transport.handle(request), failsWith('UND_ERR_DESTROYED', true))
})
