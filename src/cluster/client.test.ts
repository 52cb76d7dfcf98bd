import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testAccess } from '../testing/fakes/apiserver/access.ts'
import {
  type FakeApiServer,
  type FakeReply,
  type FakeRequest,
  startFakeApiServer,
} from '../testing/fakes/apiserver/server.ts'
import { type ApiClient, type ClientLimits, connect } from './client.ts'
import { ApiError } from './errors.ts'

const LIMITS: ClientLimits = { callMs: 5000, silenceMs: 5000, credentialsMs: 10_000 }

interface Setting {
  readonly server: FakeApiServer
  readonly client: ApiClient
}

async function setting(
  context: TestContext,
  answer: (request: FakeRequest) => FakeReply | Promise<FakeReply>,
  limits: Partial<ClientLimits> = {},
): Promise<Setting> {
  const server = await startFakeApiServer({ answer })
  const client = connect(testAccess(server, 'secret-token'), () => 0, { ...LIMITS, ...limits })
  context.after(async () => {
    await client.close()
    await server.close()
  })
  return { server, client }
}

function never(): Promise<FakeReply> {
  return new Promise(() => undefined)
}

function failureOf(error: unknown): object {
  assert.ok(error instanceof ApiError)
  const { status, reason, retryAfterMs, message } = error
  return { status, reason, retryAfterMs, message }
}

async function failure(act: Promise<unknown>): Promise<object> {
  return act.then(
    () => assert.fail('nothing was thrown'),
    (error: unknown) => failureOf(error),
  )
}

test('a call is sent as it is asked for, with the credentials, and its answer is parsed', async (context) => {
  const { server, client } = await setting(context, () => ({ status: 200, body: '{"kind":"Thing"}' }))
  const answer = await client.request({
    method: 'PATCH',
    path: '/apis/g/v1/namespaces/a%2Fb/things/x/status',
    query: { fieldManager: 'm n', force: 'true' },
    body: { status: 'ä' },
    contentType: 'application/apply-patch+yaml',
  })
  assert.deepEqual(answer, { kind: 'Thing' })
  const [request] = server.requests
  const { authorization, accept, 'content-type': contentType } = request?.headers ?? {}
  assert.deepEqual(
    [request?.method, request?.path, Object.fromEntries(request?.query ?? []), request?.body],
    ['PATCH', '/apis/g/v1/namespaces/a%2Fb/things/x/status', { fieldManager: 'm n', force: 'true' }, '{"status":"ä"}'],
  )
  assert.deepEqual(
    [authorization, accept, contentType],
    ['Bearer secret-token', 'application/json', 'application/apply-patch+yaml'],
  )
})

test('a call without a body has no content type, and one with a body has that of JSON', async (context) => {
  const { server, client } = await setting(context, () => ({ status: 201, body: '{}' }))
  await client.request({ method: 'GET', path: '/a' })
  await client.request({ method: 'POST', path: '/a', body: {} })
  assert.deepEqual(
    server.requests.map(({ headers }) => headers['content-type']),
    [undefined, 'application/json'],
  )
})

test('where the metadata are enough, nothing else is asked for, unless the server cannot leave it out', async (context) => {
  const { server, client } = await setting(context, () => ({ status: 200, body: '{}' }))
  await client.request({ method: 'GET', path: '/a', wanted: 'metadata' })
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.accept),
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'],
  )
})

test('what is sent asks for the metadata only, and no answer to it is read; a refusal is told all the same', async (context) => {
  const replies = [
    { status: 200, body: 'no JSON' },
    { status: 409, body: '{}' },
  ]
  const { server, client } = await setting(context, () => replies.shift() ?? { status: 500, body: '' })
  assert.equal(await client.send({ method: 'PATCH', path: '/a', body: {} }), undefined)
  await assert.rejects(client.send({ method: 'PATCH', path: '/a', body: {} }), { name: 'ApiError', status: 409 })
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.accept),
    Array(2).fill('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'),
  )
})

const REFUSALS = [
  {
    name: 'a Status',
    reply: {
      status: 404,
      body: '{"kind":"Status","code":404,"reason":"NotFound","message":"things \\"x\\" not found"}',
    },
    expected: {
      status: 404,
      reason: 'NotFound',
      retryAfterMs: undefined,
      message: 'the API server answered 404: things "x" not found',
    },
  },
  {
    name: 'too many requests',
    reply: {
      status: 429,
      headers: { 'retry-after': '3' },
      body: '{"kind":"Status","reason":"TooManyRequests","message":"slow"}',
    },
    expected: {
      status: 429,
      reason: 'TooManyRequests',
      retryAfterMs: 3000,
      message: 'the API server answered 429: slow',
    },
  },
  {
    name: 'the page of a proxy',
    reply: { status: 503, body: 'secret page' },
    expected: { status: 503, reason: 'Http503', retryAfterMs: undefined, message: 'the API server answered 503' },
  },
  {
    name: 'a redirect, which is not followed with a token',
    reply: { status: 307, headers: { location: '/elsewhere' }, body: '' },
    expected: { status: 307, reason: 'Http307', retryAfterMs: undefined, message: 'the API server answered 307' },
  },
  {
    name: 'what is not JSON',
    reply: { status: 200, body: 'secret page' },
    expected: {
      status: 0,
      reason: 'Unreadable',
      retryAfterMs: undefined,
      message: 'the API server gave an answer that is not JSON; is it an API server?',
    },
  },
] as const

for (const { name, reply, expected } of REFUSALS) {
  test(`an answer with ${name} is an error that says so, once`, async (context) => {
    const { server, client } = await setting(context, () => reply)
    assert.deepEqual(await failure(client.request({ method: 'GET', path: '/x' })), expected)
    assert.equal(server.requests.length, 1)
  })
}

test('a call that is not answered ends in time, and one that is given up at once', async (context) => {
  const { client } = await setting(context, never, { callMs: 50 })
  assert.deepEqual(await failure(client.request({ method: 'GET', path: '/x' })), {
    status: 0,
    reason: 'Timeout',
    retryAfterMs: undefined,
    message: 'the API server did not answer in time',
  })
  const given = new AbortController()
  const call = failure(client.request({ method: 'GET', path: '/x', signal: given.signal }))
  given.abort()
  assert.deepEqual(await call, {
    status: 0,
    reason: 'Aborted',
    retryAfterMs: undefined,
    message: 'the call to the API server was given up',
  })
})

test('credentials that never come, such as those of a plug-in that hangs, hold up no call for longer', async (context) => {
  const { server } = await setting(context, never)
  const access = { ...testAccess(server), applyToHTTPSOptions: () => new Promise<void>(() => undefined) }
  const client = connect(access, () => 0, { ...LIMITS, callMs: 50 })
  const timeout = { status: 0, reason: 'Timeout', retryAfterMs: undefined }
  assert.deepEqual(await failure(client.request({ method: 'GET', path: '/x' })), {
    ...timeout,
    message: 'the API server did not answer in time',
  })
})

test('a server that is gone is unreachable, with the code of the system', async (context) => {
  const { server, client } = await setting(context, never)
  await server.close()
  const error = await client.request({ method: 'GET', path: '/x' }).catch((thrown: unknown) => thrown)
  assert.deepEqual(failureOf(error), {
    status: 0,
    reason: 'Unreachable',
    retryAfterMs: undefined,
    message: 'the API server cannot be reached (ECONNREFUSED)',
  })
  assert.equal(error instanceof ApiError && error.code, 'ECONNREFUSED')
})

test('two hundred calls at once share eight connections', async (context) => {
  const { server, client } = await setting(context, () => ({ status: 200, body: '{}' }))
  await Promise.all(Array.from({ length: 200 }, () => client.request({ method: 'GET', path: '/x' })))
  assert.equal(server.requests.length, 200)
  assert.ok(server.connections() <= 8, `${server.connections()} connections`)
})

test('calls go on while watches hang, on connections of their own', async (context) => {
  const { server, client } = await setting(context, ({ path }) =>
    path === '/hang' ? never() : { status: 200, body: '{}' },
  )
  const stop = new AbortController()
  const watches = Array.from({ length: 20 }, async () => {
    for await (const _ of client.stream({ path: '/hang', signal: stop.signal })) assert.fail('a line')
  })
  assert.deepEqual(await client.request({ method: 'GET', path: '/x' }), {})
  stop.abort()
  const ends = await Promise.allSettled(watches)
  assert.deepEqual(
    new Set(ends.map((end) => (end.status === 'rejected' ? end.reason.reason : end.status))),
    new Set(['Aborted']),
  )
  assert.equal(server.requests.filter(({ path }) => path === '/x').length, 1)
})

test('a stream gives its lines, and may be left before its end', async (context) => {
  const { client } = await setting(context, () => ({ status: 200, body: '{"a":1}\n{"b":"ä"}\nhalf' }))
  const lines = []
  for await (const line of client.stream({ path: '/x', signal: new AbortController().signal })) lines.push(line)
  assert.deepEqual(lines, ['{"a":1}', '{"b":"ä"}'])
  for await (const line of client.stream({ path: '/x', signal: new AbortController().signal })) {
    assert.equal(line, '{"a":1}')
    break
  }
  assert.deepEqual(await failure(client.request({ method: 'GET', path: '/x' })), {
    status: 0,
    reason: 'Unreadable',
    retryAfterMs: undefined,
    message: 'the API server gave an answer that is not JSON; is it an API server?',
  })
})
