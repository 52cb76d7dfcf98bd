import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObjectClient } from '../testing/fakes/apiserver/object-client.ts'
import { ApiError, refusal } from './errors.ts'
import { applyStatus, type StatusApply } from './status.ts'

const APPLY: StatusApply = {
  path: '/apis/cert-manager.io/v1/namespaces/team/certificaterequests/ca-1',
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  namespace: 'team',
  name: 'ca-1',
  uid: 'uid-1',
  resourceVersion: '7',
  status: { certificate: 'QQ==' },
  fieldManager: 'mesh-ca-issuer',
}

/** A client that answers calls in turn: with an object of this UID and version, or with a refusal. */
function answering(...answers: readonly (readonly [uid: string, version: string] | ApiError)[]): ObjectClient {
  const client = new ObjectClient()
  client.answer = () => {
    const answer = answers[client.calls.length - 1]
    if (answer === undefined) assert.fail('one call too many')
    if (answer instanceof ApiError) throw answer
    const [uid, resourceVersion] = answer
    return { metadata: { name: 'ca-1', uid, resourceVersion } }
  }
  return client
}

function methods(client: ObjectClient): string {
  return client.calls.map(({ method }) => method).join(' ')
}

test('a status is applied under its own manager, to this object in this version and no other', async () => {
  const client = answering(['uid-1', '8'])
  assert.equal(await applyStatus(client, APPLY), 'written')
  assert.deepEqual(client.calls, [
    {
      method: 'PATCH',
      path: `${APPLY.path}/status`,
      query: { fieldManager: 'mesh-ca-issuer', force: 'true' },
      body: {
        apiVersion: 'cert-manager.io/v1',
        kind: 'CertificateRequest',
        metadata: { name: 'ca-1', namespace: 'team', uid: 'uid-1', resourceVersion: '7' },
        status: { certificate: 'QQ==' },
      },
      contentType: 'application/apply-patch+yaml',
    },
  ])
})

test('without a version the present one is read, and the object is named without a namespace where it has none', async () => {
  const client = answering(['uid-1', '9'], ['uid-1', '10'])
  const { namespace: _, resourceVersion: __, ...apply } = APPLY
  assert.equal(await applyStatus(client, apply), 'written')
  const [read, patch] = client.calls
  assert.deepEqual([read?.method, read?.path], ['GET', APPLY.path])
  assert.deepEqual(JSON.parse(JSON.stringify(patch?.body)).metadata, {
    name: 'ca-1',
    uid: 'uid-1',
    resourceVersion: '9',
  })
})

const NOT_FOUND = new ApiError(404, 'NotFound', 'refused')
const CONFLICT = new ApiError(409, 'Conflict', 'refused')
const PRESENT = ['uid-1', '9'] as const

const WITH_VERSION = [
  { name: 'is gone', answers: [NOT_FOUND], result: 'gone', calls: 'PATCH' },
  { name: 'has another version', answers: [CONFLICT], result: 'conflict', calls: 'PATCH' },
]

for (const { name, answers, result, calls } of WITH_VERSION) {
  test(`an object that ${name} is a result, not an error`, async () => {
    const client = answering(...answers)
    assert.equal(await applyStatus(client, APPLY), result)
    assert.equal(methods(client), calls)
  })
}

const WITHOUT_VERSION = [
  { name: 'is gone', answers: [NOT_FOUND], result: 'gone', calls: 'GET' },
  { name: 'goes meanwhile', answers: [PRESENT, NOT_FOUND], result: 'gone', calls: 'GET PATCH' },
  { name: 'was created anew', answers: [['uid-2', '9'] as const], result: 'conflict', calls: 'GET' },
  {
    name: 'changes meanwhile',
    answers: [PRESENT, CONFLICT, PRESENT, PRESENT],
    result: 'written',
    calls: 'GET PATCH GET PATCH',
  },
  {
    name: 'changes all the time',
    answers: [PRESENT, CONFLICT, PRESENT, CONFLICT, PRESENT, CONFLICT],
    result: 'conflict',
    calls: 'GET PATCH GET PATCH GET PATCH',
  },
]

for (const { name, answers, result, calls } of WITHOUT_VERSION) {
  test(`without a version, an object that ${name} is: ${result}`, async () => {
    const { resourceVersion: _, ...apply } = APPLY
    const client = answering(...answers)
    assert.equal(await applyStatus(client, apply), result)
    assert.equal(methods(client), calls)
  })
}

test('a server that does not know the kind, or a proxy before it, says nothing of the object', async () => {
  const unknown = refusal(404, '404 page not found', undefined)
  await assert.rejects(applyStatus(answering(unknown), APPLY), unknown)
})

test('any other refusal is an error', async () => {
  const client = answering(new ApiError(403, 'Forbidden', 'refused'))
  await assert.rejects(applyStatus(client, APPLY), { status: 403 })
})
