import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reflectorStage, settled } from '../testing/fakes/apiserver/reflector-stage.ts'
import { hasStatus } from './errors.ts'

test('says since when it has been broken, until a watch stands again, however silent', async (context) => {
  const seen: (number | undefined)[] = []
  const limits = { callMs: 5000, silenceMs: 100, credentialsMs: 1000 }
  const stage = await reflectorStage({ limits, onFailure: () => seen.push(stage.reflector.brokenSince) })
  context.after(stage.close)
  stage.server.collection.put('a', { group: 'ours', value: 1 })
  stage.server.faults.plan('stream', { kind: 'end', after: 2 })
  stage.server.faults.plan('watch', { kind: 'reset' }, { kind: 'reset' }, { kind: 'silence', after: 0 })
  assert.equal(stage.reflector.brokenSince, undefined)
  stage.start()
  await stage.reflector.synced
  await settled(stage)
  await settled(stage, 101)
  const [first = Number.NaN, second, third = Number.NaN] = seen
  assert.deepEqual([seen.length, second], [3, first])
  assert.ok(third >= first + limits.silenceMs, 'the silent watch stood in between')
  assert.equal(stage.reflector.brokenSince, undefined)
})

test('says what the last session failed with, until one stands again', async (context) => {
  const seen: unknown[] = []
  const stage = await reflectorStage({ onFailure: () => seen.push(stage.reflector.brokenBy) })
  context.after(stage.close)
  const refuse = (status: number) => ({ kind: 'refuse', status, reason: 'Forbidden' }) as const
  stage.server.faults.plan('stream', refuse(403), refuse(404))
  stage.start()
  await stage.reflector.synced
  assert.deepEqual(seen, stage.failures)
  assert.deepEqual(
    seen.map((error) => hasStatus(error, 403)),
    [true, false],
  )
  assert.equal(stage.reflector.brokenBy, undefined)
})

test('tries again soon once the server answers after an outage, lists soon where its version was forgotten, and tells that the server is back', async (context) => {
  const told: string[] = []
  const onRecovery = (): void => {
    told.push('recovered')
  }
  const stage = await reflectorStage({ onRecovery, onFailure: () => told.push('failed') })
  context.after(stage.close)
  stage.server.collection.put('a', { group: 'ours', value: 1 })
  stage.server.faults.plan('stream', { kind: 'end', after: 2 })
  const outage = Array.from({ length: 4 }, () => ({ kind: 'reset' }) as const)
  const starting = { kind: 'refuse', status: 403, reason: 'Forbidden' } as const
  stage.server.faults.plan('watch', ...outage, starting, starting, { kind: 'refuse', status: 410, reason: 'Expired' })
  stage.start()
  await stage.reflector.synced
  await settled(stage)
  await settled(stage, 101)
  assert.deepEqual(stage.pauses.slice(-7), [500, 1000, 2000, 4000, 500, 1000, 500])
  assert.deepEqual(told, [...Array.from({ length: 7 }, () => 'failed'), 'recovered'])
})
