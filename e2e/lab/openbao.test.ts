import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { listeningAddresses } from './listeners.ts'
import { type OpenBao, startOpenBao } from './openbao.ts'
import { BaoError, callBao } from './openbao-http.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** Below a mount: makes a self-signed CA whose key stays inside. */
const SELF_SIGNED = 'root/generate/internal'
const LOOPBACK = '0100007F'

describe('OpenBao of the lab', { timeout: 60_000 }, () => {
  let workspace: Workspace
  let bao: OpenBao
  before(async () => {
    workspace = await openWorkspace('openbao')
    bao = await startOpenBao(workspace)
    await bao.admin('POST', 'sys/mounts/pki', { type: 'pki' })
    await bao.admin('POST', `pki/${SELF_SIGNED}`, { common_name: 'Root', key_type: 'ec' })
  })
  after(() => workspace?.stop())

  interface Ca {
    readonly data: { readonly certificate: string }
  }
  const certificate = async (): Promise<string> =>
    (await bao.admin<Ca>('GET', 'pki/issuer/default/json')).data.certificate
  const sealed = async (): Promise<boolean> =>
    (await callBao<{ readonly sealed: boolean }>(bao, { method: 'GET', path: 'sys/seal-status' })).sealed

  test('listens on loopback only', async () => {
    const addresses = await listeningAddresses(bao.program().pid)
    assert.deepEqual(new Set(addresses), new Set([LOOPBACK]))
  })

  test('says why it refuses', async () => {
    await assert.rejects(
      callBao(bao, { method: 'GET', path: 'sys/mounts', token: 'nobody' }),
      (error) => error instanceof BaoError && error.status === 403 && /permission denied/.test(error.message),
    )
    await assert.rejects(bao.admin('GET', 'nowhere/x'), (error) => error instanceof BaoError && error.status === 404)
  })

  test('asks for a client certificate on its other port', async () => {
    const call = callBao({ ...bao, address: bao.mutualAddress }, { method: 'GET', path: 'sys/health' })
    await assert.rejects(call, (error) => !(error instanceof BaoError) && /certificate required/.test(String(error)))
  })

  test('writes an audit log of what it has answered', async () => {
    const path = 'pki/issuer/default/json'
    const count = async (): Promise<number> => (await bao.audit()).filter((call) => call.path === path).length
    const before = await count()
    await certificate()
    assert.equal(await count(), before + 1)
    await bao.admin('GET', 'nowhere/x').catch(() => undefined)
    const { error, ...last } = (await bao.audit()).at(-1) ?? {}
    assert.deepEqual(last, { path: 'nowhere/x', operation: 'read', caller: 'root' })
    assert.match(error ?? '', /unsupported path/)
  })

  test('is sealed and unsealed', async () => {
    const before = await certificate()
    await bao.seal()
    assert.equal(await sealed(), true)
    await assert.rejects(certificate(), (error) => error instanceof BaoError && error.status === 503)
    await bao.unseal()
    assert.equal(await certificate(), before)
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`keeps what it knows when it is started again after ${signal}`, async () => {
      const before = await certificate()
      const { pid } = bao.program()
      await bao.stop(signal)
      await assert.rejects(certificate())
      await bao.start()
      assert.notEqual(bao.program().pid, pid)
      assert.equal(await certificate(), before)
    })
  }
})
