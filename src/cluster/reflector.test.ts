import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
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

test('lists as a stream and goes on with changes in one request', async (context) => {
  const stage = await staged(context)
  assert.equal(stage.reflector.isSynced, false)
  stage.start()
  await stage.reflector.synced
  assert.deepEqual(stored(stage.reflector), { 'default/a': 1, 'default/b': 2 })
  stage.server.collection.put('a', { ...OURS, value: 3 })
  stage.server.collection.remove('b')
  await settled(stage)
  assert.deepEqual(stage.changes, ['a ->1', 'b ->2', 'a 1>3', 'b 2>-', 'last ->100'])
  assert.deepEqual([requestsOf(stage), stage.failures, stage.pauses], [['stream'], [], []])
  assert.deepEqual([stage.reflector.isSynced, stage.reflector.get('default/a')], [true, 3])
})

test('asks for bookmarks, and for an end after 290 seconds at most', async (context) => {
  const stage = await staged(context)
  stage.start()
  await stage.reflector.synced
  assert.deepEqual(Object.fromEntries(stage.server.requests[0]?.query ?? []), {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '290',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
  })
})

test('lists in pages of 500 and watches from there where the server has no streaming lists', async (context) => {
  const stage = await staged(context, { streamingList: false })
  for (let i = 0; i < 1200; i++) stage.server.collection.put(`x${i}`, OURS)
  stage.start()
  await stage.reflector.synced
  assert.equal(stage.reflector.size, 1202)
  await settled(stage)
  stage.server.collection.compact()
  stage.server.faults.plan('watch', { kind: 'refuse', status: 410, reason: 'Expired' })
  stage.server.endWatches()
  await settled(stage, 101)
  await settled(stage, 102)
  assert.deepEqual(requestsOf(stage), [
    'stream',
    ...['list', 'list', 'list', 'watch 1203'],
    'watch 1204',
    ...['list', 'list', 'list', 'watch 1205'],
  ])
  assert.equal(stage.server.requests[1]?.query.get('limit'), '500')
  assert.deepEqual([stage.reflector.size, reasonsOf(stage)], [1203, ['Invalid', 'Expired']])
})

test('selects on the server where it can', async (context) => {
  const stage = await staged(context, { fieldSelector: 'spec.group=ours' })
  stage.server.collection.put('foreign', { group: 'theirs', value: 9 })
  stage.start()
  await settled(stage)
  assert.deepEqual(stage.changes, ['a ->1', 'b ->2', 'last ->100'])
  assert.deepEqual(requestsOf(stage), ['stream selected'])
})

for (const streamingList of [true, false]) {
  test(`selects for itself where the server does not know the field, ${streamingList ? 'as a stream' : 'in pages'}`, async (context) => {
    const stage = await staged(context, {
      fieldSelector: 'spec.group=ours',
      fieldSelectors: false,
      streamingList,
      project: ({ spec }) => (spec.group === 'ours' ? spec.value : undefined),
    })
    stage.server.collection.put('foreign', { group: 'theirs', value: 9 })
    stage.start()
    await settled(stage)
    assert.deepEqual(stage.changes, ['a ->1', 'b ->2', 'last ->100'])
    assert.equal(requestsOf(stage).at(-1)?.includes('selected'), false)
  })
}

test('what was deleted while nobody looked is told as deleted', async (context) => {
  const stage = await staged(context)
  stage.server.faults.plan('stream', { kind: 'end', after: 3 })
  stage.server.faults.plan('watch', { kind: 'refuse', status: 410, reason: 'Expired' })
  stage.start()
  await stage.reflector.synced
  const deleted = stage.change('b 2>-')
  stage.server.collection.put('c', OURS)
  stage.server.collection.remove('b')
  await deleted
  assert.deepEqual(stage.changes, ['a ->1', 'b ->2', 'c ->1', 'a 1>1', 'c 1>1', 'b 2>-'])
})

test('goes on from a bookmark, so that a quiet watch does not become too old', async (context) => {
  const stage = await staged(context, { fieldSelector: 'spec.group=ours' })
  stage.start()
  await stage.reflector.synced
  for (let i = 0; i < 5; i++) stage.server.collection.put('foreign', { group: 'theirs', value: i })
  stage.server.bookmark()
  stage.server.endWatches()
  await settled(stage)
  assert.deepEqual(requestsOf(stage), ['stream selected', 'watch 8 selected'])
})

test('an object that cannot be projected is left out and told of', async (context) => {
  const stage = await staged(context, {
    project: ({ metadata, spec }) => {
      if (metadata.name === 'a') throw new Error('unreadable')
      return spec.value
    },
  })
  stage.start()
  await settled(stage)
  assert.deepEqual(stored(stage.reflector), { 'default/b': 2, 'default/last': 100 })
  assert.deepEqual(stage.failures.map(String), ['Error: unreadable'])
})

test('a handler that throws is told of, and disturbs nothing', async (context) => {
  const stage = await staged(context, {
    onChange: (key) => {
      if (key === 'default/a') throw new Error('handler')
    },
  })
  stage.start()
  await settled(stage)
  assert.deepEqual(stored(stage.reflector), { 'default/a': 1, 'default/b': 2, 'default/last': 100 })
  assert.deepEqual([stage.failures.map(String), requestsOf(stage)], [['Error: handler'], ['stream']])
})

test('once stopped it calls nothing back, also in the middle of a list', async (context) => {
  const stage: ReflectorStage = await staged(context, {
    onChange: () => {
      stopped ??= stage.stop()
    },
  })
  let stopped: Promise<void> | undefined
  const first = stage.change('')
  stage.start()
  await first
  await stopped
  assert.deepEqual([stage.changes, stage.failures, stage.reflector.isSynced], [['a ->1'], [], false])
})

test('a stop ends a list that hangs and a watch that is quiet', async (context) => {
  const hanging = await staged(context)
  hanging.server.faults.plan('stream', { kind: 'hang' })
  hanging.start()
  await hanging.stop()
  const quiet = await staged(context)
  quiet.start()
  await quiet.reflector.synced
  await quiet.stop()
  assert.deepEqual([hanging.failures, quiet.failures], [[], []])
})
