import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { type Contact, makeProbes } from './probes.ts'

const NOW = 1_000_000

interface Row {
  readonly what: string
  readonly contact: Partial<Contact>
  readonly text: string
}

function brokenFor(ms: number, status: number): Partial<Contact> {
  return { brokenSince: NOW - ms, brokenBy: new ApiError(status, 'Reason', 'words') }
}

const ROWS: readonly Row[] = [
  { what: 'a watch that stands', contact: {}, text: 'ok\n' },
  { what: 'a list on its way', contact: { isSynced: false }, text: 'the list of issuers is not complete\n' },
  {
    what: 'a list that breaks',
    contact: { isSynced: false, ...brokenFor(1, 0) },
    text: 'the list of issuers is not complete; the log says why\n',
  },
  {
    what: 'a list that may not be read',
    contact: { isSynced: false, ...brokenFor(1, 403) },
    text: 'the list of issuers is not complete: they may not be read; grant the controller the verbs list and watch on them\n',
  },
  {
    what: 'a list of what is not installed',
    contact: { isSynced: false, ...brokenFor(1, 404) },
    text: 'the list of issuers is not complete: the API server does not know them; install their CustomResourceDefinition\n',
  },
  { what: 'a watch just broken', contact: brokenFor(3000, 403), text: 'ok\n' },
  {
    what: 'a watch that cannot be opened',
    contact: brokenFor(3500, 503),
    text: 'issuers could not be watched for 3 s; the log says why\n',
  },
  {
    what: 'a watch whose right was taken away',
    contact: brokenFor(3500, 403),
    text: 'issuers could not be watched for 3 s: they may not be read; grant the controller the verbs list and watch on them\n',
  },
  { what: 'a silent watch', contact: { lastContact: NOW - 180_000 }, text: 'ok\n' },
  {
    what: 'a watch that is silent for too long',
    contact: { lastContact: NOW - 180_001 },
    text: 'the API server was not heard of on issuers for too long\n',
  },
]

for (const { what, contact, text } of ROWS) {
  test(`ready: ${what}`, () => {
    const good: Contact = { isSynced: true, brokenSince: undefined, brokenBy: undefined, lastContact: NOW }
    const watches = { requests: good, issuers: { ...good, ...contact } }
    const probes = makeProbes({ watches, checks: [() => undefined], now: () => NOW })
    assert.deepEqual(probes.ready(), { ok: text === 'ok\n', text })
    assert.deepEqual(probes.live(), { ok: true, text: 'ok\n' })
    assert.equal(probes.ageSeconds(), (NOW - (contact.lastContact ?? NOW)) / 1000)
  })
}

test('ready: whatever else must hold', () => {
  const watches = { issuers: { isSynced: true, brokenSince: undefined, brokenBy: undefined, lastContact: NOW } }
  const probes = makeProbes({ watches, checks: [() => 'one', () => undefined, () => 'two'], now: () => NOW })
  assert.deepEqual(probes.ready(), { ok: false, text: 'one\ntwo\n' })
})
