import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cuttable, EPOCH, LEASE_PATH, specOf, stage, TIMES } from '../testing/fakes/apiserver/lease-stage.ts'
import { ApiError } from './errors.ts'
import { LeaseElection } from './lease.ts'

test('the first candidate leads at once, and writes what client-go would', async () => {
  const { time, client, start } = stage()
  const a = start('a')
  await time.advance(0)
  assert.equal(a.election.isLeader(), true)
  assert.deepEqual(client.object(LEASE_PATH), {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'system', name: 'issuer', resourceVersion: '1' },
    spec: {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-23T12:00:00.000000Z',
      renewTime: '2026-11-23T12:00:00.000000Z',
      leaseTransitions: 0,
    },
  })
  await time.advance(4000)
  const { acquireTime, renewTime } = specOf(client)
  assert.deepEqual([acquireTime, renewTime], ['2026-11-23T12:00:00.000000Z', '2026-11-23T12:00:04.000000Z'])
  await a.stop()
})

test('a second candidate waits for as long as the first one renews', async () => {
  const { time, start } = stage()
  const a = start('a')
  await time.advance(100)
  const b = start('b')
  await time.advance(3_600_000)
  assert.deepEqual([a.log, b.log], [['+0'], []])
  await Promise.all([a.stop(), b.stop()])
  assert.deepEqual(b.failures, [])
})

test('who stops lets go when its work has ended, and the other follows within a try', async () => {
  const { time, start } = stage()
  const a = start('a', { lingerMs: 5000 })
  await time.advance(0)
  const b = start('b')
  await time.advance(20_000)
  const stopped = a.stop()
  await time.advance(4999)
  assert.deepEqual([a.election.isLeader(), b.log], [true, []])
  await time.advance(1)
  await stopped
  await time.advance(2000)
  assert.deepEqual([a.log, b.log], [['+0', '-20000'], ['+26000']])
  assert.equal(a.election.isLeader(), false)
  await b.stop()
})

test('the Lease of one who died is taken over after its whole duration, whatever its clock said', async () => {
  for (const wallClockOffMs of [-86_400_000, 0, 86_400_000]) {
    const { time, client, start } = stage()
    const link = cuttable(client)
    const a = start('a', { client: link.client, wallClockOffMs })
    await time.advance(0)
    const b = start('b')
    await time.advance(10_000)
    link.cut('refused')
    await time.advance(14_000)
    assert.deepEqual(b.log, [])
    await time.advance(3000)
    assert.deepEqual(b.log, ['+25000'])
    assert.equal(specOf(client).leaseTransitions, 1)
    await Promise.all([a.stop(), b.stop()])
  }
})

for (const line of ['refused', 'hanging'] as const) {
  test(`who cannot renew since calls are ${line} stops before another can start`, async () => {
    const { time, client, start } = stage()
    const link = cuttable(client)
    const a = start('a', { client: link.client })
    await time.advance(0)
    const b = start('b')
    await time.advance(10_000)
    link.cut(line)
    await time.advance(9_999)
    assert.equal(a.election.isLeader(), true)
    await time.advance(1)
    assert.equal(a.election.isLeader(), false)
    await time.advance(20_000)
    const [, ended = ''] = a.log
    const [began = ''] = b.log
    assert.ok(Number(ended.slice(1)) <= 20_000 + 2000, `a led until ${ended}`)
    assert.ok(Number(began.slice(1)) >= 25_000, `b began at ${began}`)
    assert.ok(a.failures.length > 0)
    await Promise.all([a.stop(), b.stop()])
  })
}

test('what a slow server grants counts from when it was asked', async () => {
  const { time, client, start } = stage()
  client.before = () => new Promise((resolve) => time.after(3000, resolve))
  const a = start('a')
  // Reading takes as long as writing: it was asked for at 3 s, and granted at 6 s.
  await time.advance(5999)
  assert.equal(a.election.isLeader(), false)
  await time.advance(1)
  assert.equal(a.election.isLeader(), true)
  client.before = () => {
    throw new ApiError(0, 'Unreachable', 'gone')
  }
  await time.advance(6999)
  assert.equal(a.election.isLeader(), true)
  await time.advance(1)
  assert.equal(a.election.isLeader(), false)
  client.before = () => undefined
  await time.advance(10_000)
  await a.stop()
})

test('who finds the Lease in the hands of another stops at once', async () => {
  const { time, client, start } = stage()
  const a = start('a')
  await time.advance(0)
  const body = { ...client.object(LEASE_PATH), spec: { ...specOf(client), holderIdentity: 'thief' } }
  await client.request({ method: 'PUT', path: LEASE_PATH, body })
  await time.advance(2000)
  assert.deepEqual([a.log, a.election.isLeader()], [['+0', '-2000'], false])
  await a.stop()
  assert.equal(specOf(client).holderIdentity, 'thief')
})

test('of two who try at once one is refused, and nobody is told of it', async () => {
  const { time, client, start } = stage()
  const reads: (() => void)[] = []
  client.before = ({ method }) =>
    method === 'GET' && reads.length < 2 ? new Promise((go) => reads.push(go)) : undefined
  const [a, b] = [start('a'), start('b')]
  await time.advance(0)
  for (const go of reads) go()
  await time.advance(0)
  assert.deepEqual([a.log, b.log, a.failures, b.failures], [['+0'], [], [], []])
  await Promise.all([a.stop(), b.stop()])
})

test('work that fails ends the run with its error, and lets go of the Lease', async () => {
  const { time, client } = stage()
  const failures: unknown[] = []
  const election = new LeaseElection({
    client,
    namespace: 'system',
    name: 'issuer',
    identity: 'a',
    times: TIMES,
    now: () => EPOCH,
    monotonic: time.now,
    random: () => 0,
    after: time.after,
    failed: (error) => failures.push(error),
  })
  const run = election.run(() => Promise.reject(new Error('broken')), new AbortController().signal)
  await assert.rejects(run, { message: 'broken' })
  assert.equal(specOf(client).holderIdentity, '')
  assert.deepEqual([failures, time.pending], [[], 0])
})
