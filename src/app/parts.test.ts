import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeLogger } from '../ops/log.ts'
import { readSettings } from '../settings.ts'
import { testKubeConfig } from '../testing/fakes/apiserver/kube-configs.ts'
import { type FakeReply, startFakeApiServer } from '../testing/fakes/apiserver/server.ts'
import { makeParts } from './parts.ts'

/** More than there are connections for calls. */
const CALLS = 20

test('the Lease is held although no call of the loops comes back', { timeout: 10_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'parts-'))
  const server = await startFakeApiServer({
    answer: ({ method, path, body }): FakeReply | Promise<FakeReply> => {
      if (!path.includes('/leases')) return new Promise(() => undefined)
      return method === 'GET' ? { status: 404, body: '{}' } : { status: 201, body }
    },
  })
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, testKubeConfig({ url: server.url }).exportConfig())
  const settings = readSettings({}, { KUBECONFIG: kubeconfig })
  const clocks = { now: () => 0, monotonic: () => 0 }
  const parts = makeParts({ settings, log: makeLogger('error'), clocks })
  context.after(async () => {
    await Promise.all([parts.client.close(), parts.leaseClient.close()])
    await server.close()
    await rm(folder, { recursive: true })
  })
  for (let call = 0; call < CALLS; call += 1) parts.client.request({ method: 'GET', path: '/x' }).catch(() => undefined)
  const stop = new AbortController()
  let led = false
  const lead = async (): Promise<void> => {
    led = parts.mayAct()
    stop.abort()
  }
  await parts.election.run(lead, stop.signal)
  assert.equal(led, true)
})
