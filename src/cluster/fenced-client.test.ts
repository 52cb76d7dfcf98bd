import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObjectClient } from '../testing/fakes/apiserver/object-client.ts'
import { fencedClient } from './fenced-client.ts'

const POST = { method: 'POST', path: '/things', body: { metadata: { name: 'a' } } } as const

test('who may act reads and writes', async () => {
  const client = new ObjectClient()
  const fenced = fencedClient(client, () => true)
  await fenced.request(POST)
  await fenced.request({ method: 'GET', path: '/things/a' })
  assert.deepEqual(
    client.calls.map(({ method }) => method),
    ['POST', 'GET'],
  )
})

test('who may not act any more reads only, asked at each call', async () => {
  const client = new ObjectClient()
  let acts = true
  const fenced = fencedClient(client, () => acts)
  await fenced.request(POST)
  acts = false
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    await assert.rejects(fenced.request({ ...POST, method }), {
      name: 'ApiError',
      status: 0,
      reason: 'NotLeading',
      message: 'this process holds the Lease no more, and leaves it to whoever does',
    })
  await fenced.request({ method: 'GET', path: '/things/a' })
  assert.deepEqual(
    client.calls.map(({ method }) => method),
    ['POST', 'GET'],
  )
})
