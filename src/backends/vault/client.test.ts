import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { TEST_NOW, testCa, testLeaf } from '../../testing/certificates.ts'
import { startFakeProxy } from '../../testing/fakes/proxy/server.ts'
import type { FakeVaultOptions, VaultFault } from '../../testing/fakes/vault/server.ts'
import { dns, ip } from '../../testing/names.ts'
import { never, vaultStage } from '../../testing/vault-stage.ts'
import type { OutboundProxy } from '../services.ts'
import { VaultClient } from './client.ts'
import { VaultFailure } from './failure.ts'
import { type TlsSettings, tlsSettings } from './tls.ts'

/** TLS looks at the real time. */
const ALWAYS = { notBefore: 0, notAfter: Date.UTC(2099, 0) }
const ROOT = testCa({ subject: 'CN=TLS Root', ...ALWAYS })
const SERVER = testLeaf(ROOT, { subject: 'CN=vault', names: [dns('vault.internal'), ip('10.0.0.1')], ...ALWAYS })
const CLIENT = testLeaf(ROOT, { subject: 'CN=client', ...ALWAYS })
const HEALTH = { method: 'GET', path: 'sys/health' } as const

interface Given extends Partial<FakeVaultOptions> {
  readonly settings?: TlsSettings
  readonly namespace?: string
  readonly suffix?: string
  readonly mayAct?: () => boolean
  readonly proxy?: OutboundProxy
}

async function connected(
  context: TestContext,
  { settings = {}, namespace, suffix = '', mayAct = () => true, proxy, ...options }: Given = {},
) {
  const { fake } = await vaultStage(context, options)
  const client = new VaultClient({
    server: `${fake.url}${suffix}`,
    namespace,
    tls: settings,
    proxy,
    now: () => TEST_NOW,
    mayAct,
  })
  context.after(() => client.close())
  return { fake, client }
}

async function failed(act: Promise<unknown>): Promise<VaultFailure> {
  return act.then(
    () => assert.fail('it came through'),
    (error: unknown) => {
      assert.ok(error instanceof VaultFailure, String(error))
      return error
    },
  )
}

test('a call: path, headers and JSON', async (context) => {
  const { fake, client } = await connected(context, { namespace: 'team/a', suffix: '/vault/' })
  const call = { method: 'POST', path: 'pki/x', query: { help: '1' }, body: { a: 1 }, token: 't' } as const
  await failed(client.call(call, never))
  const [seen] = fake.calls
  // The prefix of the address is not one that the fake knows.
  assert.equal(seen?.call, 'POST /vault/v1/pki/x?help=1')
  assert.deepEqual(seen.body, { a: 1 })
  const {
    accept,
    'content-type': type,
    'x-vault-token': token,
    'x-vault-namespace': namespace,
    'x-vault-request': request,
  } = seen.headers
  assert.deepEqual(
    [accept, type, token, namespace, request],
    ['application/json', 'application/json', 't', 'team/a', 'true'],
  )
})

test('a call says no more than it must', async (context) => {
  const { fake, client } = await connected(context)
  const { body, data, auth, warnings } = await client.call(HEALTH, never)
  assert.deepEqual([body.sealed, data, auth, warnings], [false, {}, undefined, []])
  const { headers = {} } = fake.calls[0] ?? {}
  assert.deepEqual(
    ['content-type', 'x-vault-token', 'x-vault-namespace'].filter((name) => name in headers),
    [],
  )
})

type Outcome = readonly [status: number, code: string | undefined, texts?: readonly string[], retryAfterMs?: number]
const text = (status: number, words: string, headers?: Readonly<Record<string, string>>): VaultFault => ({
  kind: 'text',
  status,
  text: words,
  ...(headers && { headers }),
})

const FAILURES: Readonly<Record<string, readonly [VaultFault, Outcome]>> = {
  'a refusal': [text(400, '{"errors":["why"]}'), [400, undefined, ['why']]],
  'a refusal with something else in it': [text(400, '{"errors":[1]}'), [400, undefined]],
  'a page of a proxy': [text(502, '<html>'), [502, undefined, ['<html>']]],
  'a wish for patience': [text(429, '{}', { 'retry-after': '3' }), [429, undefined, [], 3000]],
  'a redirect, which is not followed': [
    text(307, '', { location: 'http://127.0.0.1:1/v1/sys/health' }),
    [307, undefined],
  ],
  'no JSON': [text(200, '<html>'), [0, 'ANSWER_UNREADABLE']],
  'no object': [text(200, '[]'), [0, 'ANSWER_UNREADABLE']],
  'more than 1 MiB': [text(200, `"${'x'.repeat(1024 * 1024)}"`), [0, 'UND_ERR_RES_EXCEEDED_MAX_SIZE']],
  'a broken connection': [{ kind: 'break' }, [0, 'ECONNRESET']],
}

for (const [name, [fault, [status, code, texts = [], retryAfterMs]]] of Object.entries(FAILURES)) {
  test(`a call fails: ${name}`, async (context) => {
    const { fake, client } = await connected(context)
    fake.fail(/./, fault)
    const failure = await failed(client.call(HEALTH, never))
    assert.deepEqual(
      [failure.status, failure.code, failure.texts, failure.retryAfterMs],
      [status, code, texts, retryAfterMs],
    )
    assert.doesNotMatch(failure.message, /html|why/)
    assert.equal(fake.calls.length, 1)
  })
}

test('an empty answer is one', async (context) => {
  const { fake, client } = await connected(context)
  fake.fail(/./, { kind: 'answer', answer: { status: 204 } })
  assert.deepEqual((await client.call(HEALTH, never)).body, {})
})

test('nobody there', async (context) => {
  const { fake, client } = await connected(context)
  await fake.close()
  assert.equal((await failed(client.call(HEALTH, never))).code, 'ECONNREFUSED')
})

test('an aborted signal ends the call, or keeps it from beginning', async (context) => {
  const { fake, client } = await connected(context)
  const leaving = new AbortController()
  fake.fail(/./, { kind: 'hang' })
  const call = client.call(HEALTH, leaving.signal)
  while (fake.calls.length === 0) await client.call(HEALTH, never)
  leaving.abort()
  assert.equal((await failed(call)).status, 0)
  const before = fake.calls.length
  await assert.rejects(client.call(HEALTH, leaving.signal), { name: 'AbortError' })
  assert.equal(fake.calls.length, before)
})

for (const [seconds, expected] of [
  [0, 0],
  [1, 0],
  [-1, 0],
  [2, 2000],
  [-300, -300_000],
] as const) {
  test(`the clock of a server that is ${seconds} s ahead`, async (context) => {
    const { client } = await connected(context, { now: () => TEST_NOW + seconds * 1000 })
    assert.equal(client.serverNow(), TEST_NOW)
    await client.call(HEALTH, never)
    assert.equal(client.serverNow(), TEST_NOW + expected)
  })
}

const TLS = { cert: SERVER.certificatePem, key: SERVER.privateKeyPem }
const MUTUAL = { ...TLS, ca: ROOT.certificatePem, requestCert: true, rejectUnauthorized: true }
const BASE = { caBundle: ROOT.certificatePem, serverName: 'vault.internal' }
const PAIR = { certificates: CLIENT.certificatePem, privateKey: CLIENT.privateKeyPem }
const settings = (change: object): TlsSettings =>
  tlsSettings({
    kind: 'vault',
    server: 'https://x',
    mount: 'pki',
    issuerRef: 'x',
    signs: [],
    auth: { method: 'token', token: 't' },
    ...change,
  })

test('behind a proxy, too, nothing is sent once another process acts', async (context) => {
  const { url, asked } = await startFakeProxy(context)
  const given = { tls: TLS, settings: settings(BASE), proxy: { url, except: '' }, mayAct: () => false }
  const { client, fake } = await connected(context, given)
  assert.equal((await failed(client.call(HEALTH, never))).code, 'NOT_LEADING')
  assert.deepEqual([asked.length, fake.calls], [1, []])
})

const HANDSHAKES: Readonly<Record<string, readonly [settings: object, code: RegExp | undefined, tls?: object]>> = {
  'trusted by the bundle, with a name of its own': [BASE, undefined],
  'trusted, with an address': [{ ...BASE, serverName: '10.0.0.1' }, undefined],
  'another name': [{ ...BASE, serverName: 'vault.example' }, /ALTNAME/],
  'the name of the address, which the certificate has not': [{ caBundle: ROOT.certificatePem }, /ALTNAME/],
  'no bundle': [{ serverName: 'vault.internal' }, /UNABLE_TO/],
  'another bundle': [{ ...BASE, caBundle: testCa().certificatePem }, /UNABLE_TO|SIGNATURE/],
  'a client certificate that is asked for': [{ ...BASE, clientCertificate: PAIR }, undefined, MUTUAL],
  'none of those asked for': [BASE, /ALERT|ECONNRESET|UND_ERR_SOCKET/, MUTUAL],
}

for (const [name, [change, code, tls = TLS]] of Object.entries(HANDSHAKES)) {
  test(`TLS: ${name}`, async (context) => {
    const { client } = await connected(context, { tls, settings: settings(change) })
    const call = client.call(HEALTH, never)
    if (code === undefined) assert.equal((await call).body.initialized, true)
    else assert.match((await failed(call)).code ?? '', code)
  })

  test(`TLS behind a proxy: ${name}`, async (context) => {
    const { url, asked } = await startFakeProxy(context)
    const { client, fake } = await connected(context, { tls, settings: settings(change), proxy: { url, except: '' } })
    const call = client.call(HEALTH, never)
    if (code === undefined) assert.equal((await call).body.initialized, true)
    else assert.match((await failed(call)).code ?? '', code)
    assert.deepEqual([...new Set(asked.map(([authority]) => authority))], [new URL(fake.url).host])
  })
}
