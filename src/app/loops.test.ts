import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { testClient } from '../testing/api-client.ts'
import { readClusterId } from './loops.ts'

test('a configured identity of the cluster is taken without a question', async () => {
  const { client, calls } = testClient(() => assert.fail())
  assert.equal(await readClusterId(client, 'fleet-1'), 'fleet-1')
  assert.deepEqual(calls, [])
})

test('else it is the UID of kube-system, got by its name', async () => {
  const { client, calls } = testClient(() => ({ metadata: { uid: 'uid-1' } }))
  assert.equal(await readClusterId(client, undefined), 'uid-1')
  assert.deepEqual(calls, [{ method: 'GET', path: '/api/v1/namespaces/kube-system' }])
})

test('without an identity nothing is signed', async () => {
  const { client } = testClient(() => ({}))
  await assert.rejects(readClusterId(client, undefined), /set --cluster-id/)
  const away = new ApiError(503, 'Unavailable', 'away')
  const { client: gone } = testClient(() => {
    throw away
  })
  await assert.rejects(readClusterId(gone, undefined), away)
})
