import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClusterIssuer, testIssuer } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { trustPair } from '../trust/transition.ts'
import { carriedStatus, readCarriedStatus } from './carried-status.ts'
import type { CarriedCA } from './request-record.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

function carried(name: string, change: Partial<CarriedCA> = {}): CarriedCA {
  return {
    certificate: `team/${name}`,
    issuer: 'MeshCAIssuer/istio-system/mesh',
    pair: trustPair(A, [A, B]),
    since: TEST_NOW,
    issuedAt: TEST_NOW + 1000,
    revision: 0,
    ...change,
  }
}

test('what was written down is read back, in the order of names', () => {
  const status = { carried: carriedStatus([carried('b'), carried('a')]) }
  assert.deepEqual(readCarriedStatus(testIssuer({ status })), [carried('a'), carried('b')])
})

test('the cluster kind has no namespace', () => {
  const issuer = { ...testClusterIssuer(), status: { carried: carriedStatus([carried('a')]) } }
  assert.deepEqual(readCarriedStatus(issuer), [carried('a', { issuer: 'MeshCAClusterIssuer//mesh' })])
})

test('equal contents are written in one way, whatever their order', () => {
  const all = [carried('c'), carried('a', { issuedAt: 0 }), carried('b', { issuedAt: TEST_NOW })]
  assert.deepEqual(carriedStatus(all), carriedStatus([...all].reverse()))
})

test('an entry of no time that exists is left out', () => {
  const [entry] = carriedStatus([carried('a')])
  assert.ok(entry)
  const status = { carried: [{ ...entry, since: 'never' }, { ...entry, issuedAt: '2026-99-99T00:00:00Z' }, entry] }
  assert.deepEqual(readCarriedStatus(testIssuer({ status })), [carried('a')])
})

test('a new issuer has nothing written down', () => assert.deepEqual(readCarriedStatus(testIssuer()), []))
