import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObjectClient } from '../testing/fakes/apiserver/object-client.ts'
import { ApiError } from './errors.ts'
import type { EventObject } from './event-object.ts'
import { EventRecorder, type EventSubject, type EventText } from './events.ts'

const SUBJECT: EventSubject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  namespace: 'team',
  name: 'ca-1',
  uid: 'uid-1',
}
const ISSUED: EventText = { type: 'Normal', reason: 'Issued', note: 'signed', action: 'Sign' }
const FAILED: EventText = { type: 'Warning', reason: 'Refused', note: 'not allowed', action: 'Sign' }

interface Setting {
  readonly recorder: EventRecorder
  readonly client: ObjectClient
  readonly failures: unknown[]
  readonly wait: (ms: number) => void
  /** Events that were sent. */
  readonly sent: () => readonly EventObject[]
}

function setting(): Setting {
  const [client, failures] = [new ObjectClient(), [] as unknown[]]
  let now = Date.UTC(2026, 10, 23, 12)
  let made = 0
  const recorder = new EventRecorder({
    client,
    reportingController: 'meshca.dev/mesh-ca-issuer',
    reportingInstance: 'pod-0',
    defaultNamespace: 'default',
    now: () => now,
    unique: () => {
      made += 1
      return `id${made}`
    },
    failed: (error) => failures.push(error),
  })
  return {
    recorder,
    client,
    failures,
    wait: (ms) => {
      now += ms
    },
    sent: () => client.calls.map(({ body }): EventObject => JSON.parse(JSON.stringify(body))),
  }
}

test('an event is written as events.k8s.io/v1 has it', async () => {
  const { recorder, client, sent } = setting()
  recorder.record(SUBJECT, FAILED)
  await recorder.flush()
  assert.deepEqual(
    client.calls.map(({ method, path }) => `${method} ${path}`),
    ['POST /apis/events.k8s.io/v1/namespaces/team/events'],
  )
  assert.deepEqual(sent(), [
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'team', name: 'ca-1.id1' },
      eventTime: '2026-11-23T12:00:00.000000Z',
      reportingController: 'meshca.dev/mesh-ca-issuer',
      reportingInstance: 'pod-0',
      type: 'Warning',
      reason: 'Refused',
      action: 'Sign',
      note: 'not allowed',
      regarding: SUBJECT,
    },
  ])
})

test('an object without a namespace has its events in the default one', async () => {
  const { recorder, sent } = setting()
  const { namespace: _, ...subject } = SUBJECT
  recorder.record(subject, FAILED)
  await recorder.flush()
  assert.deepEqual(
    sent().map(({ metadata, regarding }) => [metadata.namespace, regarding]),
    [['default', subject]],
  )
})

test('what is too long is cut where the server would refuse it', async () => {
  const { recorder, sent } = setting()
  const name = `${'a'.repeat(199)}.${'b'.repeat(50)}`
  recorder.record({ ...SUBJECT, name }, { ...FAILED, note: 'ä'.repeat(600) })
  await recorder.flush()
  const [event] = sent()
  assert.equal(event?.metadata.name, `${'a'.repeat(199)}.id1`)
  assert.equal(event?.note, `${'ä'.repeat(498)}…`)
  assert.ok(Buffer.byteLength(event?.note ?? '') <= 1000)
})

test('a failure is told once, however often it is met', async () => {
  const { recorder, sent } = setting()
  for (let i = 0; i < 5; i++) recorder.record(SUBJECT, FAILED)
  recorder.record({ ...SUBJECT, uid: 'uid-2' }, FAILED)
  recorder.record(SUBJECT, { ...FAILED, note: 'another' })
  await recorder.flush()
  assert.deepEqual(
    sent().map(({ regarding, note }) => `${regarding.uid} ${note}`),
    ['uid-1 not allowed', 'uid-2 not allowed', 'uid-1 another'],
  )
})

test('successes are told ten a second and dropped beyond; changes are not held up by them', async () => {
  const { recorder, sent, wait } = setting()
  for (let i = 0; i < 100; i++) recorder.record({ ...SUBJECT, uid: `uid-${i}` }, ISSUED)
  recorder.record(SUBJECT, FAILED)
  recorder.record(SUBJECT, { ...ISSUED, reason: 'Ready' }, 'change')
  await recorder.flush()
  assert.deepEqual(
    sent().map(({ reason }) => reason),
    [...Array(10).fill('Issued'), 'Refused', 'Ready'],
  )
  wait(500)
  for (let i = 0; i < 100; i++) recorder.record(SUBJECT, ISSUED)
  await recorder.flush()
  assert.equal(sent().length, 17)
})

test('an event that is refused is reported, and the next one is sent', async () => {
  const { recorder, client, failures, sent } = setting()
  const refused = new ApiError(403, 'Forbidden', 'events are not yours')
  client.before = () => {
    if (client.calls.length === 1) throw refused
  }
  recorder.record(SUBJECT, FAILED)
  recorder.record(SUBJECT, { ...FAILED, note: 'next' })
  await recorder.flush()
  assert.deepEqual([failures, sent().length], [[refused], 2])
})

test('while the server does not answer, a bounded number waits and the rest is dropped with one word', async () => {
  const { recorder, client, failures, sent } = setting()
  const gate = Promise.withResolvers<void>()
  client.before = () => gate.promise
  for (let i = 0; i < 1000; i++) recorder.record({ ...SUBJECT, uid: `uid-${i}` }, FAILED)
  assert.deepEqual(failures.map(String), ['Error: events are dropped: the API server does not take them'])
  gate.resolve()
  await recorder.flush()
  assert.equal(sent().length, 257)
})

test('a stop does not wait for events longer than it wants to', async () => {
  const { recorder, client, sent } = setting()
  const [gate, patience] = [Promise.withResolvers<void>(), new AbortController()]
  client.before = () => gate.promise
  for (let i = 0; i < 10; i++) recorder.record({ ...SUBJECT, uid: `uid-${i}` }, FAILED)
  const flushed = recorder.flush(patience.signal)
  patience.abort()
  gate.resolve()
  await flushed
  assert.equal(sent().length, 1)
})
