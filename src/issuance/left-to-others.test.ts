import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optional } from '../api/read.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { leftToOthers } from './left-to-others.ts'
import type { CarriedCA, RequestRecord } from './request-record.ts'

const OPEN = testOpenRecord()
const { certificate, ...UNOWNED } = OPEN
const COMMON = { uid: OPEN.uid, ...optional('certificate', certificate) }
const UNAPPROVED: RequestRecord = { state: 'unapproved', ...COMMON }
const SETTLED: RequestRecord = { state: 'settled', ...COMMON }

const CLUSTER_ISSUER = { kind: 'MeshCAClusterIssuer', namespace: '', name: 'mesh' } as const
const CARRIED: CarriedCA = {
  certificate: 'istio-system/istio-ca',
  issuer: 'MeshCAClusterIssuer//mesh',
  pair: { signerRoot: 'A', roots: ['A'] },
  since: TEST_NOW,
  issuedAt: TEST_NOW,
  revision: 1,
}
const TO_CLUSTER = { ...OPEN, issuer: CLUSTER_ISSUER, carried: CARRIED }

const LEFT: readonly { readonly name: string; readonly record: RequestRecord; readonly expected: RequestRecord }[] = [
  { name: 'an open one to a namespaced issuer', record: OPEN, expected: OPEN },
  {
    name: 'an open one to a cluster issuer',
    record: TO_CLUSTER,
    expected: { state: 'elsewhere', ...COMMON, issuer: CLUSTER_ISSUER, carried: CARRIED },
  },
  {
    name: 'a denied one to a cluster issuer, of no Certificate',
    record: { ...UNOWNED, state: 'denied', issuer: CLUSTER_ISSUER },
    expected: { state: 'elsewhere', uid: OPEN.uid, issuer: CLUSTER_ISSUER },
  },
  { name: 'an unapproved one', record: UNAPPROVED, expected: UNAPPROVED },
  {
    name: 'a settled one, which still tells what its Certificate carries',
    record: { ...SETTLED, carried: CARRIED },
    expected: { ...SETTLED, carried: CARRIED },
  },
]

for (const { name, record, expected } of LEFT)
  test(`where others serve cluster issuers: ${name}`, () => assert.deepEqual(leftToOthers(record), expected))
