import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testAccess } from '../testing/fakes/apiserver/access.ts'
import { startFakeApiServer } from '../testing/fakes/apiserver/server.ts'
import { connect } from './client.ts'
import { fencedClient } from './fenced-client.ts'

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

test('who may act reads and writes; who may not any more reads only, asked at each call', async (context) => {
  const server = await startFakeApiServer({ answer: () => ({ status: 200, body: '{}' }) })
  const client = connect(testAccess(server), () => 0)
  context.after(async () => {
    await client.close()
    await server.close()
  })
  let acts = true
  const fenced = fencedClient(client, () => acts)
  for (const method of ['GET', ...WRITES] as const) await fenced.request({ method, path: '/x' })
  await fenced.send({ method: 'PATCH', path: '/x' })
  acts = false
  await fenced.request({ method: 'GET', path: '/x' })
  const held = {
    name: 'ApiError',
    status: 0,
    reason: 'NotLeading',
    message: 'this process holds the Lease no more, and leaves it to whoever does',
  }
  for (const method of WRITES) await assert.rejects(fenced.request({ method, path: '/x' }), held)
  await assert.rejects(fenced.send({ method: 'PATCH', path: '/x' }), held)
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ['GET', ...WRITES, 'PATCH', 'GET'],
  )
})
