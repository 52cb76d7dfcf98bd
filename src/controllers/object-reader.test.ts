import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { ConfigurationError, type Reference } from '../issuance/references.ts'
import { testClient } from '../testing/api-client.ts'
import { base64 } from '../testing/builders.ts'
import { objectReader } from './object-reader.ts'

const SECRET: Reference = { kind: 'Secret', name: 'ca' }
const MAP: Reference = { kind: 'ConfigMap', name: 'roots' }

async function readOf(reference: Reference, answer: unknown): Promise<unknown> {
  return objectReader(testClient(() => answer).client)('ns', reference)
}

function object(data: unknown): unknown {
  return { metadata: { name: 'x', resourceVersion: '7' }, data }
}

test('a Secret is got by its name, from its namespace, and nothing else is asked', async () => {
  const { client, calls } = testClient(() => object({}))
  await objectReader(client)('ns', SECRET)
  await objectReader(client)('ns', MAP)
  assert.deepEqual(calls, [
    { method: 'GET', path: '/api/v1/namespaces/ns/secrets/ca' },
    { method: 'GET', path: '/api/v1/namespaces/ns/configmaps/roots' },
  ])
})

test('a name cannot lead elsewhere', async () => {
  const { client, calls } = testClient(() => object({}))
  await objectReader(client)('a/b', { kind: 'Secret', name: '../../kube-system/secrets/x?watch=1#' })
  assert.deepEqual(calls, [
    { method: 'GET', path: '/api/v1/namespaces/a%2Fb/secrets/..%2F..%2Fkube-system%2Fsecrets%2Fx%3Fwatch%3D1%23' },
  ])
})

const ANSWERS: readonly {
  readonly name: string
  readonly reference: Reference
  readonly answer: unknown
  readonly expected: unknown
}[] = [
  {
    name: 'values of a Secret are base64',
    reference: SECRET,
    answer: object({ 'tls.crt': base64('certificate'), 'ca.crt': '' }),
    expected: { resourceVersion: '7', data: { 'tls.crt': 'certificate', 'ca.crt': '' } },
  },
  {
    name: 'values of a ConfigMap are text',
    reference: MAP,
    answer: object({ 'ca.crt': 'roots' }),
    expected: { resourceVersion: '7', data: { 'ca.crt': 'roots' } },
  },
  { name: 'no data', reference: SECRET, answer: object(undefined), expected: { resourceVersion: '7', data: {} } },
  { name: 'data of null', reference: SECRET, answer: object(null), expected: { resourceVersion: '7', data: {} } },
  {
    name: 'values that are no text',
    reference: SECRET,
    answer: object({ a: 1, b: null, c: { d: 'e' }, f: base64('g') }),
    expected: { resourceVersion: '7', data: { f: 'g' } },
  },
  { name: 'a list', reference: SECRET, answer: { items: [] }, expected: undefined },
  { name: 'nothing', reference: SECRET, answer: null, expected: undefined },
  { name: 'a word', reference: SECRET, answer: 'Secret', expected: undefined },
  { name: 'no version', reference: SECRET, answer: { metadata: { name: 'x' } }, expected: undefined },
]

for (const { name, reference, answer, expected } of ANSWERS) {
  test(`an answer: ${name}`, async () => assert.deepEqual(await readOf(reference, answer), expected))
}

test('an answer: a key that objects inherit stays a key', async () => {
  const answer: unknown = JSON.parse(`{"metadata":{"resourceVersion":"7"},"data":{"__proto__":"${base64('x')}"}}`)
  const result = await objectReader(testClient(() => answer).client)('ns', SECRET)
  assert.deepEqual(Object.entries(result?.data ?? {}), [['__proto__', 'x']])
  assert.equal(Object.getPrototypeOf(result?.data), Object.prototype)
})

function refusing(status: number): ReturnType<typeof objectReader> {
  return objectReader(
    testClient(() => {
      throw new ApiError(status, 'Reason', 'message')
    }).client,
  )
}

test('a refusal: not found is absence', async () => assert.equal(await refusing(404)('ns', SECRET), undefined))

test('a refusal: forbidden is said in words', async () => {
  await assert.rejects(refusing(403)('ns', SECRET), (error) => {
    assert.ok(error instanceof ConfigurationError)
    assert.equal(error.code, 'ReadForbidden')
    assert.equal(
      error.message,
      'the controller may not get the Secret ca in namespace ns; grant its ServiceAccount the verb get on it',
    )
    return true
  })
})

for (const status of [0, 401, 429, 500, 503]) {
  test(`a refusal: ${status} is thrown as it is`, () => assert.rejects(refusing(status)('ns', SECRET), { status }))
}
