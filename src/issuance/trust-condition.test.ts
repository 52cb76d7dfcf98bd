import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trustPair } from '../trust/transition.ts'
import { issuedCondition, type Note, notedCondition, readNoted } from './trust-condition.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]
const SINCE = Date.UTC(2026, 10, 23, 12)

test('a note is read back as it was written, whatever the number of roots', () => {
  for (const roots of [[A], [B, A]]) {
    const note: Note = { pair: trustPair(A, roots), since: SINCE, issuer: 'MeshCAClusterIssuer//mesh' }
    assert.deepEqual(readNoted(notedCondition(note)), note)
  }
})

test('a note says what it is to a person', () => {
  const note = notedCondition({ pair: trustPair(A, [A, B]), since: SINCE, issuer: 'MeshCAIssuer/team/mesh' })
  assert.deepEqual(note, {
    type: 'meshca.dev/TrustPair',
    status: 'False',
    reason: 'Carried',
    message: `signer under ${A} with roots {${A}, ${B}}, issued by MeshCAIssuer/team/mesh`,
    lastTransitionTime: '2026-11-23T12:00:00Z',
  })
})

test('nothing is read out of other conditions', () => {
  const noted = notedCondition({ pair: trustPair(A, [A]), since: SINCE, issuer: 'MeshCAIssuer/team/mesh' })
  const rows = [
    undefined,
    { ...noted, reason: 'Same' },
    { ...noted, message: 'signer under aaaa with roots {aaaa}, issued by MeshCAIssuer/team/mesh' },
    { type: noted.type, status: noted.status, reason: 'Carried', message: noted.message ?? '' },
    issuedCondition({ step: 'same', changesSet: false, pair: trustPair(A, [A]), since: SINCE }, SINCE),
  ]
  for (const row of rows) assert.equal(readNoted(row), undefined)
})
