import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TestCertificate } from '../testing/certificate-options.ts'
import { testCa, testLeaf } from '../testing/certificates.ts'
import { testKubeConfig } from '../testing/fakes/apiserver/kube-configs.ts'
import { type FakeApiServer, startFakeApiServer } from '../testing/fakes/apiserver/server.ts'
import { type ApiClient, connect } from './client.ts'

/** Always in date, since the handshake looks at the clock of the machine. */
const VALIDITY = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2100, 0, 1) }
const LIMITS = { callMs: 5000, silenceMs: 5000, credentialsMs: 10_000 }

interface Setting {
  readonly server: FakeApiServer
  readonly client: ApiClient
  readonly caFile: string
  readonly tokenFile: string
  readonly ca: TestCertificate
  readonly wait: (ms: number) => void
  readonly call: () => Promise<unknown>
  /** Authorization headers that the server saw. */
  readonly tokens: () => readonly (string | undefined)[]
}

async function setting(context: TestContext, accepted: (token: string) => boolean = () => true): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-'))
  const ca = testCa({ ...VALIDITY, subject: 'CN=Server Root' })
  const names = [{ type: 'ip', value: '127.0.0.1', bytes: Uint8Array.of(127, 0, 0, 1) }] as const
  const leaf = testLeaf(ca, { ...VALIDITY, names })
  const server = await startFakeApiServer({
    tls: { cert: leaf.certificatePem, key: leaf.privateKeyPem },
    answer: ({ headers }) => ({ status: accepted(headers.authorization ?? '') ? 200 : 401, body: '{}' }),
  })
  const [caFile, tokenFile] = [join(folder, 'ca.crt'), join(folder, 'token')]
  await writeFile(caFile, ca.certificatePem)
  await writeFile(tokenFile, 'one\n')
  let now = 0
  const client = connect(testKubeConfig({ url: server.url, caFile }, { tokenFile }), () => now, LIMITS)
  context.after(async () => {
    await client.close()
    await server.close()
    await rm(folder, { recursive: true })
  })
  return {
    server,
    client,
    caFile,
    tokenFile,
    ca,
    wait: (ms) => {
      now += ms
    },
    call: () => client.request({ method: 'GET', path: '/x' }),
    tokens: () => server.requests.map(({ headers }) => headers.authorization),
  }
}

test('two hundred calls, one after the other and at once, make eight handshakes at most', async (context) => {
  const { server, call } = await setting(context)
  for (let i = 0; i < 100; i++) await call()
  await Promise.all(Array.from({ length: 100 }, call))
  assert.equal(server.requests.length, 200)
  assert.ok(server.connections() <= 8, `${server.connections()} handshakes`)
})

test('a token file is read again after ten seconds, and connections are kept', async (context) => {
  const { server, call, tokens, tokenFile, wait } = await setting(context)
  await call()
  await writeFile(tokenFile, 'two\n')
  wait(9_999)
  await call()
  wait(1)
  await call()
  assert.deepEqual(tokens(), ['Bearer one', 'Bearer one', 'Bearer two'])
  assert.ok(server.connections() <= 2, `${server.connections()} handshakes`)
})

test('a token that was refused is read again at once', async (context) => {
  const { call, tokens, tokenFile } = await setting(context, (token) => token === 'Bearer two')
  await writeFile(tokenFile, 'old')
  await assert.rejects(call(), { status: 401 })
  await writeFile(tokenFile, 'two')
  await call()
  assert.deepEqual(tokens(), ['Bearer old', 'Bearer two'])
})

test('files that are missing for a moment are not missed, unless the server has refused what they held', async (context) => {
  let accepts = true
  const { call, tokens, tokenFile, wait } = await setting(context, () => accepts)
  await call()
  await rm(tokenFile)
  wait(10_000)
  await call()
  accepts = false
  await assert.rejects(call(), { status: 401 })
  await assert.rejects(call(), { status: 0, reason: 'Credentials', code: 'ENOENT' })
  assert.deepEqual(tokens(), ['Bearer one', 'Bearer one', 'Bearer one'])
})

test('a certificate authority that changes is followed, and connections of before end', async (context) => {
  const { server, call, caFile, ca, wait } = await setting(context)
  await call()
  const other = testCa({ ...VALIDITY, subject: 'CN=Other Root' })
  await writeFile(caFile, other.certificatePem)
  wait(10_000)
  await assert.rejects(call(), /certificate authority that is configured/)
  await writeFile(caFile, `${other.certificatePem}${ca.certificatePem}`)
  wait(10_000)
  await call()
  await writeFile(caFile, ca.certificatePem)
  wait(10_000)
  await Promise.all(Array.from({ length: 20 }, call))
  assert.ok(server.connections() <= 2 + 8, `${server.connections()} handshakes`)
})

test('many calls that wait for the first credentials share them and their connections', async (context) => {
  const { server, call } = await setting(context)
  await Promise.all(Array.from({ length: 50 }, call))
  assert.ok(server.connections() <= 8, `${server.connections()} handshakes`)
})

test('a proxy of the kubeconfig is used', async (context) => {
  const { server, caFile } = await setting(context)
  const proxy = createServer()
  const tunnels: (string | undefined)[] = []
  proxy.on('connect', ({ url }, socket) => {
    tunnels.push(url)
    const upstream = createConnection(server.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(upstream).pipe(socket)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  assert.ok(typeof address === 'object' && address !== null)
  const config = testKubeConfig({ url: server.url, caFile, proxyUrl: `http://127.0.0.1:${address.port}` })
  const client = connect(config, () => 0, LIMITS)
  assert.deepEqual(await client.request({ method: 'GET', path: '/x' }), {})
  assert.deepEqual(tunnels, [`127.0.0.1:${server.port}`])
  await client.close()
  proxy.close()
})
