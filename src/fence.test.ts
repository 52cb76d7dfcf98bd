import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Agent } from 'undici'
import { fence, NOT_LEADING } from './fence.ts'

async function stage(context: TestContext, mayAct: () => boolean) {
  const arrived = new Map<string, ServerResponse>()
  const server = createServer(({ url = '' }, response) => {
    arrived.set(url, response)
    server.emit(url)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ connections: 1 })
  context.after(async () => {
    await agent.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const dispatcher = agent.compose(fence(mayAct))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask = async (path: string, signal?: AbortSignal): Promise<string> => {
    const { body } = await dispatcher.request({ origin, path, method: 'POST', body: 'x', signal: signal ?? null })
    return body.text()
  }
  return { arrived, ask, came: (path: string) => new Promise<void>((resolve) => server.once(path, () => resolve())) }
}

const REFUSED = { name: 'NotLeadingError', code: NOT_LEADING }

test('a call that waits for a connection is not sent when its turn comes too late', async (context) => {
  let acts = true
  const { arrived, ask, came } = await stage(context, () => acts)
  const [first, second] = [ask('/first'), ask('/second')]
  second.catch(() => undefined)
  await came('/first')
  acts = false
  arrived.get('/first')?.end('done')
  assert.equal(await first, 'done')
  await assert.rejects(second, REFUSED)
  await assert.rejects(ask('/third'), REFUSED)
  assert.deepEqual([...arrived.keys()], ['/first'])
  acts = true
  const fourth = came('/fourth').then(() => arrived.get('/fourth')?.end('done'))
  assert.equal(await ask('/fourth'), 'done')
  await fourth
})

test('a call may be given up as without it', async (context) => {
  const { ask, came } = await stage(context, () => true)
  const stop = new AbortController()
  const given = ask('/given', stop.signal)
  given.catch(() => undefined)
  await came('/given')
  stop.abort(new Error('over'))
  await assert.rejects(given, { message: 'over' })
})
