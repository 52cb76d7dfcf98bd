import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Fault } from '../testing/fakes/apiserver/faults.ts'
import {
  type ReflectorStage,
  type ReflectorStageOptions,
  reasonsOf,
  reflectorStage,
  requestsOf,
  settled,
  stored,
} from '../testing/fakes/apiserver/reflector-stage.ts'

const OURS = { group: 'ours', value: 1 }

async function staged(context: TestContext, options: ReflectorStageOptions = {}): Promise<ReflectorStage> {
  const stage = await reflectorStage(options)
  context.after(stage.close)
  stage.server.collection.put('a', OURS)
  stage.server.collection.put('b', { ...OURS, value: 2 })
  return stage
}

function refuse(status: number, reason: string): Fault {
  return { kind: 'refuse', status, reason }
}

function times(count: number, fault: Fault): readonly Fault[] {
  return Array.from({ length: count }, () => fault)
}

interface Row {
  readonly name: string
  readonly faults: readonly Fault[]
  /** Of the failures that are told. */
  readonly reasons: string
  readonly relists?: true
}

const INNER: Fault = { kind: 'error-event', after: 0, status: 500 }
const WATCHES: readonly Row[] = [
  { name: 'ends in order', faults: [{ kind: 'end', after: 0 }], reasons: '' },
  { name: 'is cut in the middle of a line', faults: [{ kind: 'cut', after: 1 }], reasons: 'Unreachable' },
  { name: 'is reset', faults: [{ kind: 'reset' }], reasons: 'Unreachable' },
  { name: 'is answered with nonsense', faults: [{ kind: 'nonsense' }], reasons: 'Unreadable' },
  { name: 'hears old news', faults: [{ kind: 'stale', after: 1 }], reasons: '' },
  { name: 'is too old', faults: [refuse(410, 'Expired')], reasons: 'Expired', relists: true },
  {
    name: 'is told within that it is too old',
    faults: [{ kind: 'error-event', after: 0, status: 410 }],
    reasons: 'InternalError',
    relists: true,
  },
  { name: 'is told of an inner error', faults: [INNER], reasons: 'InternalError' },
  {
    name: 'is told of an inner error again and again',
    faults: times(3, INNER),
    reasons: 'InternalError InternalError InternalError',
    relists: true,
  },
  { name: 'is not authorized', faults: [refuse(401, 'Unauthorized')], reasons: 'Unauthorized' },
  { name: 'is forbidden', faults: [refuse(403, 'Forbidden')], reasons: 'Forbidden' },
  {
    name: 'meets a server that stops',
    faults: times(4, refuse(503, 'ServiceUnavailable')),
    reasons: 'ServiceUnavailable ServiceUnavailable ServiceUnavailable ServiceUnavailable',
  },
  {
    name: 'asks for a version that the server lost',
    faults: times(3, refuse(504, 'Timeout')),
    reasons: 'Timeout Timeout Timeout',
    relists: true,
  },
  { name: 'is refused as invalid', faults: [refuse(400, 'BadRequest')], reasons: 'BadRequest', relists: true },
]

for (const { name, faults, reasons, relists = false } of WATCHES) {
  test(`recovers when a watch ${name}`, async (context) => {
    const stage = await staged(context)
    // The stream ends with the first change, so that the faults meet watches that have something to catch up with.
    stage.server.faults.plan('stream', { kind: 'end', after: 3 })
    stage.server.faults.plan('watch', ...faults)
    stage.start()
    await stage.reflector.synced
    stage.server.collection.put('a', { ...OURS, value: 5 })
    stage.server.collection.remove('b')
    stage.server.collection.put('c', { ...OURS, value: 6 })
    await settled(stage)
    await settled(stage, 101)
    assert.deepEqual(stored(stage.reflector), { 'default/a': 5, 'default/c': 6, 'default/last': 101 })
    assert.deepEqual([reasonsOf(stage).join(' '), stage.server.faults.left], [reasons, 0])
    assert.equal(requestsOf(stage).filter((request) => request === 'stream').length, relists ? 2 : 1)
  })
}

const LISTS: readonly (Row & { readonly requests: string })[] = [
  { name: 'is cut', faults: [{ kind: 'cut', after: 1 }], reasons: 'Unreachable', requests: 'stream stream' },
  { name: 'is reset', faults: [{ kind: 'reset' }], reasons: 'Unreachable', requests: 'stream stream' },
  {
    name: 'is forbidden',
    faults: times(2, refuse(403, 'Forbidden')),
    reasons: 'Forbidden Forbidden',
    requests: 'stream stream stream',
  },
  {
    name: 'ends before it is complete',
    faults: [{ kind: 'end', after: 1 }],
    reasons: '',
    requests: 'stream list watch 3',
  },
  {
    name: 'falls silent before it is complete',
    faults: [{ kind: 'silence', after: 1 }],
    reasons: 'Unreachable',
    requests: 'stream list watch 3',
  },
  {
    name: 'is answered with nonsense',
    faults: [{ kind: 'nonsense' }],
    reasons: 'Unreadable',
    requests: 'stream stream',
  },
]

for (const { name, faults, reasons, requests } of LISTS) {
  test(`recovers when a streaming list ${name}`, async (context) => {
    const stage = await staged(context, { limits: { callMs: 5000, silenceMs: 100, credentialsMs: 1000 } })
    stage.server.faults.plan('stream', ...faults)
    stage.start()
    await stage.reflector.synced
    assert.deepEqual(stored(stage.reflector), { 'default/a': 1, 'default/b': 2 })
    assert.deepEqual(reasonsOf(stage).join(' '), reasons)
    if (requests.endsWith('watch 3')) await settled(stage)
    assert.equal(requestsOf(stage).join(' '), requests)
  })
}

test('a list in pages that fails begins anew, and forgets what the first one named', async (context) => {
  const stage = await staged(context, { streamingList: false })
  for (let i = 0; i < 600; i++) stage.server.collection.put(`x${i}`, OURS)
  stage.server.faults.plan('list', { kind: 'nonsense' }, { kind: 'reset' })
  stage.start()
  await stage.reflector.synced
  assert.deepEqual(reasonsOf(stage), ['Invalid', 'Unreadable', 'Unreachable'])
  assert.equal(stage.reflector.size, 602)
})

test('a watch that falls silent is opened anew from where it was', async (context) => {
  const stage = await staged(context, { limits: { callMs: 5000, silenceMs: 100, credentialsMs: 1000 } })
  stage.server.faults.plan('stream', { kind: 'silence', after: 3 })
  stage.start()
  await stage.reflector.synced
  stage.server.collection.put('a', { ...OURS, value: 5 })
  await settled(stage)
  assert.deepEqual([requestsOf(stage), reasonsOf(stage)], [['stream', 'watch 4'], ['Unreachable']])
})

const GROWING = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
const STORMS: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'refused as too old, although the list before succeeded', fault: refuse(410, 'Expired') },
  { name: 'ended at once, without an error', fault: { kind: 'end', after: 0 } },
  { name: 'reset', fault: { kind: 'reset' } },
]

for (const { name, fault } of STORMS) {
  test(`gaps grow while each watch is ${name}, and are small again after a good one`, async (context) => {
    const stage = await staged(context, { streamingList: false })
    stage.server.faults.always('watch', fault)
    const paused = stage.paused(GROWING.length)
    stage.start()
    await paused
    stage.server.faults.stop()
    assert.deepEqual(stage.pauses.slice(0, GROWING.length), GROWING)
    await settled(stage)
    // The first change may have come with a list; the second one comes with a watch.
    await settled(stage, 101)
    const before = stage.pauses.length
    stage.server.faults.plan('watch', { kind: 'reset' })
    stage.server.endWatches()
    await settled(stage, 102)
    assert.deepEqual(stage.pauses.slice(before), [0, 500])
  })
}

test('the server is left alone for as long as it asks', async (context) => {
  const stage = await staged(context)
  stage.server.faults.plan('stream', { kind: 'refuse', status: 429, reason: 'TooManyRequests', retryAfter: '7' })
  stage.start()
  await stage.reflector.synced
  assert.deepEqual([stage.pauses, reasonsOf(stage)], [[7000], ['TooManyRequests']])
})

test('a report that throws does not end it', async (context) => {
  const stage = await staged(context, {
    onFailure: () => {
      throw new Error('no one listens')
    },
  })
  stage.server.faults.plan('stream', { kind: 'reset' })
  stage.start()
  await stage.reflector.synced
  assert.deepEqual(stored(stage.reflector), { 'default/a': 1, 'default/b': 2 })
})
