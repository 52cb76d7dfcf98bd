import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from 'undici'
import { commandsOf, readerOf, textsOf } from '../cli/pages.ts'
import { eventually } from '../lab/eventually.ts'
import { freePort } from '../lab/ports.ts'
import { openScene, type Scene } from '../stories/support-scene.ts'

/** The account that the page lets in. */
const [TEAM, READER] = ['monitoring', 'dashboard']
/** How the page reaches the Service, which leads nowhere in the lab. */
const SERVICE = 'http://mesh-ca-issuer-status.mesh-ca-issuer:8081'

/** The objects of the page, with and without what lets the controller ask. */
const DOCUMENTS = textsOf('status-page.md', 'yaml').flatMap((text) => text.split(/^---$/m))
const ASKING = DOCUMENTS.filter((text) => text.includes('system:auth-delegator'))

describe('who may see the status page', { timeout: 120_000 }, () => {
  let scene: Scene
  let port: number
  before(async () => {
    port = await freePort()
    // The loopback address in a form that does not count as one, so that tokens are asked for and nobody else is served.
    const args = [`--status-addr=[::ffff:7f00:1]:${port}`]
    scene = await openScene({ name: 'status-access', namespaces: [TEAM], controller: { args } })
    for (const name of [READER, 'stranger'])
      await scene.kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: TEAM, name } })
    for (const text of DOCUMENTS.filter((one) => !ASKING.includes(one))) await scene.kube.applyYaml(text)
  })
  after(() => scene?.stop())

  const ask = async (
    token: string | undefined,
    path = '/',
  ): Promise<{ readonly status: number; readonly body: string }> => {
    const client = new Client(`http://127.0.0.1:${port}`)
    try {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const answer = await client.request({ method: 'GET', path, headers })
      return { status: answer.statusCode, body: await answer.body.text() }
    } finally {
      await client.destroy()
    }
  }
  const tokenOf = (name: string, audiences: readonly string[] = []): Promise<string> =>
    scene.kube.serviceAccountToken({ namespace: TEAM, name, audiences })

  test('without the right to ask who somebody is, the controller lets nobody in', async () => {
    const { status, body } = await ask(await tokenOf(READER))
    assert.deepEqual([status, body], [503, 'the API server could not be asked who you are; try again in a moment\n'])
    const { log } = scene.controller.program
    // Lines are gathered for a tenth of a second.
    await eventually({ what: 'A line in the log', withinMs: 5000, everyMs: 25 }, async () =>
      log.text().includes('a reader of the status page was turned away') ? true : undefined,
    )
  })

  test('with it, whoever may get /status is let in, to the page and to JSON', async () => {
    assert.equal(ASKING.length, 1)
    for (const text of ASKING) await scene.kube.applyYaml(text)
    const token = await tokenOf(READER)
    assert.match((await ask(token)).body, /^<!doctype html>/)
    const { status, body } = await ask(token, '/status.json')
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).process.role, 'acting')
  })

  test('by the command of the page, too', async () => {
    const { workspace, controlPlane } = scene.lab
    const reader = await readerOf(workspace, controlPlane.kubeconfig('admin'))
    const commands = commandsOf('status-page.md')
    assert.equal(commands.length, 1)
    for (const command of commands) {
      const { code, out, err } = await reader.run(command.replace(SERVICE, `http://127.0.0.1:${port}`))
      assert.deepEqual([code, err], [0, ''])
      assert.equal(JSON.parse(out).process.role, 'acting')
    }
  })

  test('nobody else is', async () => {
    const [stranger, reader] = [await tokenOf('stranger'), await tokenOf(READER)]
    const rows = [
      [undefined, 401],
      ['not-a-token', 401],
      [`${reader.slice(0, -8)}AAAAAAAA`, 401],
      [await tokenOf(READER, ['vault']), 401],
      [stranger, 403],
      [scene.lab.controlPlane.users.developer.token, 403],
      [scene.lab.controlPlane.users.admin.token, 200],
    ] as const
    for (const [token, expected] of rows) {
      for (const path of ['/', '/status.json']) {
        const { status, body } = await ask(token, path)
        assert.equal(status, expected, `${token?.slice(0, 5)} ${path}`)
        if (expected !== 200) assert.doesNotMatch(body, /acting|issuers/)
      }
    }
  })

  test('no token that was sent stands in the log', async () => {
    const text = scene.controller.program.log.text()
    const { users } = scene.lab.controlPlane
    for (const token of [await tokenOf(READER), users.admin.token, users.developer.token, 'not-a-token'])
      assert.ok(!text.includes(token.slice(-20)))
  })
})
