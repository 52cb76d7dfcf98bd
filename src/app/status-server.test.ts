import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { makeLogger } from '../ops/log.ts'
import { readSettings } from '../settings.ts'
import { testClient } from '../testing/api-client.ts'
import { testOverview } from '../testing/overview.ts'
import { type StatusParts, serveStatus } from './status-server.ts'

function partsFor(address: string, answer: Parameters<typeof testClient>[0] = () => assert.fail()) {
  const lines: string[] = []
  const { client, calls } = testClient(answer)
  const parts: StatusParts = {
    settings: readSettings({ 'status-addr': address }, {}),
    overview: () => testOverview(),
    log: makeLogger('debug', { write: (line) => lines.push(line) }),
    client,
    monotonic: () => 0,
  }
  return { parts, calls, lines }
}

async function served(context: TestContext, parts: StatusParts) {
  const listening = await serveStatus(parts)
  assert.ok(listening)
  context.after(listening.close)
  return (headers: Readonly<Record<string, string>> = {}) =>
    fetch(`http://127.0.0.1:${listening.port}/status.json`, { headers })
}

test('on a loopback address the API server is not asked', async (context) => {
  const { parts, calls } = partsFor('127.0.0.1:0')
  const get = await served(context, parts)
  assert.equal((await get()).status, 200)
  assert.deepEqual(calls, [])
})

/** The same address in a form that does not count as loopback. */
const ELSEWHERE = '[::ffff:7f00:1]:0'

test('elsewhere it is, once for a token', async (context) => {
  const { parts, calls } = partsFor(ELSEWHERE, ({ path }) => ({
    status: path.endsWith('tokenreviews') ? { authenticated: true, user: { username: 'a' } } : { allowed: true },
  }))
  const get = await served(context, parts)
  assert.equal((await get()).status, 401)
  assert.equal((await get({ authorization: 'Bearer t' })).status, 200)
  assert.equal((await get({ authorization: 'Bearer t' })).status, 200)
  assert.equal(calls.length, 2)
})

test('while it cannot be asked, the log says so without the token', async (context) => {
  const { parts, lines } = partsFor(ELSEWHERE, () => {
    throw new ApiError(403, 'Forbidden', 'tokenreviews is forbidden')
  })
  const get = await served(context, parts)
  assert.equal((await get({ authorization: 'Bearer secret-token' })).status, 503)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /"level":"warn".*tokenreviews is forbidden/)
  assert.doesNotMatch(lines.join(''), /secret-token/)
})

test('without an address there is no page, and one that is taken is an error in the log alone', async (context) => {
  assert.equal(await serveStatus(partsFor('').parts), undefined)
  const first = await serveStatus(partsFor('127.0.0.1:0').parts)
  assert.ok(first)
  context.after(first.close)
  const { parts, lines } = partsFor(`127.0.0.1:${first.port}`)
  assert.equal(await serveStatus(parts), undefined)
  assert.match(lines.join(''), /"level":"error".*EADDRINUSE.*choose another --status-addr/)
})
