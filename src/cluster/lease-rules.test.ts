import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cuttable, edit, LEASE_PATH, specOf, stage } from '../testing/fakes/apiserver/lease-stage.ts'

const DURATION_MS = 15_000

test('leading ends at the deadline itself, also in the middle of a gap or of a call that nothing ends', async () => {
  for (const line of ['refused', 'hanging', 'dead'] as const) {
    const { time, client, start } = stage()
    const link = cuttable(client)
    const a = start('a', { client: link.client, random: 0.45 })
    await time.advance(0)
    link.cut(line)
    await time.advance(9999)
    assert.deepEqual([a.log, a.election.isLeader()], [['+0'], true], line)
    await time.advance(1)
    assert.deepEqual([a.log, a.election.isLeader()], [['+0', '-10000'], false], line)
  }
})

test('a renewal without an answer is given up in time for another, which goes through', async () => {
  const { time, client, start } = stage()
  const link = cuttable(client)
  const a = start('a', { client: link.client })
  await time.advance(1000)
  link.cut('hanging')
  await time.advance(2000)
  link.cut('open')
  await time.advance(60_000)
  assert.deepEqual([a.log, a.failures], [['+0'], []])
  await a.stop()
})

test('who leads renews with one call', async () => {
  const { time, client, start } = stage()
  const a = start('a')
  await time.advance(1000)
  client.calls.length = 0
  await time.advance(2000)
  assert.deepEqual(
    client.calls.map(({ method, path }) => `${method} ${path}`),
    [`PUT ${LEASE_PATH}`],
  )
  await a.stop()
})

test('what others write on the Lease stays, and neither ends a lead nor lengthens a dead one', async () => {
  const { time, client, start } = stage()
  const link = cuttable(client)
  const label = (value: string) =>
    edit(client, (lease) => ({ ...lease, metadata: { ...lease.metadata, labels: { turn: value } } }))
  const labels = (): unknown => client.object(LEASE_PATH)?.metadata.labels
  const a = start('a', { client: link.client })
  await time.advance(1000)
  await label('0')
  await time.advance(59_000)
  assert.deepEqual([a.log, a.failures, labels()], [['+0'], [], { turn: '0' }])
  const b = start('b')
  await time.advance(1)
  link.cut('refused')
  for (let turn = 1; turn < 5; turn += 1) {
    await time.advance(3000)
    await label(String(turn))
  }
  await time.advance(5000)
  assert.deepEqual([b.log, labels()], [[`+${60_000 + DURATION_MS}`], { turn: '4' }])
  await b.stop()
  assert.deepEqual(labels(), { turn: '4' })
})

test('a Lease that runs out is taken at that moment, so within 1.2 times its duration after a death', async () => {
  for (const [random, laterMs] of [0, 0.3, 0.5, 1].flatMap((one) =>
    [1, 700, 1999, 2399].map((ms) => [one, ms] as const),
  )) {
    const { time, client, start } = stage()
    const link = cuttable(client)
    start('a', { client: link.client, random })
    await time.advance(laterMs)
    const b = start('b', { random })
    await time.advance(20_000)
    link.cut('dead')
    const renewedAt = Date.parse(specOf(client).renewTime ?? '') - Date.parse(specOf(client).acquireTime ?? '')
    await time.advance(30_000)
    const began = Number(b.log[0]?.slice(1))
    assert.ok(began >= renewedAt + DURATION_MS, `${began} is too early`)
    assert.ok(began <= renewedAt + 1.2 * DURATION_MS, `${began} is too late`)
    await b.stop()
  }
})

test('a Lease that is let go is taken within a gap and its fifth, whenever that is', async () => {
  for (const laterMs of [1, 700, 1999, 2399]) {
    const { time, start } = stage()
    const a = start('a')
    await time.advance(0)
    const b = start('b', { random: 1 })
    await time.advance(20_000 + laterMs)
    const stoppedAt = time.now()
    await a.stop()
    await time.advance(3000)
    const tookMs = Number(b.log[0]?.slice(1)) - stoppedAt
    assert.ok(tookMs > 0 && tookMs <= 2400, `it took ${tookMs} ms`)
    await b.stop()
  }
})

test('a Lease that is deleted comes back with its holder, since the time of that one is not over', async () => {
  const { time, client, start } = stage()
  const link = cuttable(client)
  const a = start('a', { client: link.client })
  await time.advance(1001)
  const b = start('b')
  await time.advance(11_000)
  await client.request({ method: 'DELETE', path: LEASE_PATH })
  await time.advance(10_000)
  assert.deepEqual([a.log, b.log, specOf(client).holderIdentity], [['+0'], [], 'a'])
  link.cut('dead')
  await client.request({ method: 'DELETE', path: LEASE_PATH })
  await time.advance(DURATION_MS + 2000)
  assert.deepEqual([b.log.length, specOf(client).holderIdentity], [1, 'b'])
  await b.stop()
})

test('a Lease whose taking is under way when its candidate stops is let go again', async () => {
  const { time, client, start } = stage()
  let answer = (): void => undefined
  client.after = ({ method }) => (method === 'POST' ? new Promise((resolve) => (answer = resolve)) : undefined)
  const a = start('a', { lingerMs: 0 })
  await time.advance(0)
  assert.equal(specOf(client).holderIdentity, 'a')
  const stopped = a.stop()
  await time.advance(0)
  answer()
  await time.advance(1)
  await stopped
  assert.equal(specOf(client).holderIdentity, '')
  assert.deepEqual([a.failures, time.pending], [[], 0])
})
