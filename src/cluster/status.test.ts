import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObjectClient } from '../testing/fakes/apiserver/object-client.ts'
import { ApiError } from './errors.ts'
import { applyStatus, type StatusApply } from './status.ts'

const APPLY: StatusApply = {
  path: '/apis/cert-manager.io/v1/namespaces/team/certificaterequests/ca-1',
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  namespace: 'team',
  name: 'ca-1',
  uid: 'uid-1',
  status: { certificate: 'QQ==' },
  fieldManager: 'mesh-ca-issuer',
}

const ROWS = [
  { status: 404, reason: 'NotFound', result: 'gone' },
  { status: 409, reason: 'Conflict', result: 'conflict' },
] as const

test('a status is applied under its own manager, to this object and no other', async () => {
  const client = new ObjectClient()
  client.answer = () => ({ metadata: { name: 'ca-1' } })
  assert.equal(await applyStatus(client, APPLY), 'written')
  assert.deepEqual(client.calls, [
    {
      method: 'PATCH',
      path: `${APPLY.path}/status`,
      query: { fieldManager: 'mesh-ca-issuer', force: 'true' },
      body: {
        apiVersion: 'cert-manager.io/v1',
        kind: 'CertificateRequest',
        metadata: { name: 'ca-1', uid: 'uid-1', namespace: 'team' },
        status: { certificate: 'QQ==' },
      },
      contentType: 'application/apply-patch+yaml',
    },
  ])
})

test('what has no namespace is named without one, and a version goes along where it must not have changed', async () => {
  const client = new ObjectClient()
  client.answer = () => ({ metadata: { name: 'ca-1' } })
  const { namespace: _, ...rest } = APPLY
  await applyStatus(client, { ...rest, resourceVersion: '7' })
  assert.deepEqual(
    client.calls.map(({ body }) => JSON.parse(JSON.stringify(body)).metadata),
    [{ name: 'ca-1', uid: 'uid-1', resourceVersion: '7' }],
  )
})

for (const { status, reason, result } of ROWS) {
  test(`${reason} is a result: ${result}`, async () => {
    const client = new ObjectClient()
    client.before = () => {
      throw new ApiError(status, reason, 'refused')
    }
    assert.equal(await applyStatus(client, APPLY), result)
  })
}

test('any other refusal is an error', async () => {
  const client = new ObjectClient()
  client.before = () => {
    throw new ApiError(403, 'Forbidden', 'refused')
  }
  await assert.rejects(applyStatus(client, APPLY), { status: 403 })
})
