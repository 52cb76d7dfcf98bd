import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Contact, makeProbes } from './probes.ts'

const NOW = 1_000_000

interface Row {
  readonly what: string
  readonly contact: Partial<Contact>
  readonly text: string
}

const ROWS: readonly Row[] = [
  { what: 'a watch that stands', contact: {}, text: 'ok\n' },
  { what: 'a list on its way', contact: { isSynced: false }, text: 'the list of issuers is not complete\n' },
  { what: 'a watch just broken', contact: { brokenSince: NOW - 3000 }, text: 'ok\n' },
  {
    what: 'a watch that cannot be opened',
    contact: { brokenSince: NOW - 3500 },
    text: 'issuers could not be watched for 3 s; the log says why\n',
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
    const good: Contact = { isSynced: true, brokenSince: undefined, lastContact: NOW }
    const probes = makeProbes({ requests: good, issuers: { ...good, ...contact } }, () => NOW)
    assert.deepEqual(probes.ready(), { ok: text === 'ok\n', text })
    assert.deepEqual(probes.live(), { ok: true, text: 'ok\n' })
    assert.equal(probes.ageSeconds(), (NOW - (contact.lastContact ?? NOW)) / 1000)
  })
}
