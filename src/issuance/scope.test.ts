import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optional } from '../api/read.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import type { CarriedCA, RequestRecord } from './request-record.ts'
import { type Scope, servedElsewhere, serves, withinScope } from './scope.ts'

const OPEN = testOpenRecord()
const { certificate, ...UNOWNED } = OPEN
const COMMON = { uid: OPEN.uid, ...optional('certificate', certificate) }
const UNAPPROVED: RequestRecord = { state: 'unapproved', ...COMMON }
const SETTLED: RequestRecord = { state: 'settled', ...COMMON }

const OURS = OPEN.issuer
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

const WHOLE: Scope = { watchNamespaces: [], skipNamespaces: [] }
const SOME: Scope = { ...WHOLE, watchNamespaces: [OURS.namespace] }
const REST: Scope = { ...WHOLE, skipNamespaces: ['a', OURS.namespace] }

const NARROWED = 'it has --watch-namespaces, and so serves no MeshCAClusterIssuer'
const UNLISTED = 'namespace istio-system is none of its --watch-namespaces'
const SKIPPED = 'namespace istio-system is one of its --skip-namespaces'

type Because = string | undefined
const SERVED: readonly (readonly [name: string, scope: Scope, own: Because, cluster: Because])[] = [
  ['the whole cluster', WHOLE, undefined, undefined],
  ['some namespaces', SOME, undefined, NARROWED],
  ['other namespaces', { ...WHOLE, watchNamespaces: ['a', `${OURS.namespace}-2`] }, UNLISTED, NARROWED],
  ['all but some namespaces', REST, SKIPPED, undefined],
  ['all but other namespaces', { ...WHOLE, skipNamespaces: ['a', `${OURS.namespace}-2`] }, undefined, undefined],
]

for (const [name, scope, own, cluster] of SERVED) {
  test(`an installation for ${name} serves its issuers`, () => {
    const issuers = [OURS, CLUSTER_ISSUER]
    assert.deepEqual(
      issuers.map((issuer) => servedElsewhere(scope, issuer)),
      [own, cluster],
    )
    assert.deepEqual(
      issuers.map((issuer) => serves(scope, issuer)),
      [own === undefined, cluster === undefined],
    )
  })
}

interface Row {
  readonly name: string
  readonly scope?: Scope
  readonly record: RequestRecord
  readonly expected: RequestRecord
}

const ROWS: readonly Row[] = [
  { name: 'an open one to an issuer of ours', record: OPEN, expected: OPEN },
  {
    name: 'an open one to a cluster issuer of others',
    record: TO_CLUSTER,
    expected: { state: 'elsewhere', ...COMMON, issuer: CLUSTER_ISSUER, carried: CARRIED },
  },
  { name: 'an open one to a cluster issuer of ours', scope: REST, record: TO_CLUSTER, expected: TO_CLUSTER },
  {
    name: 'an open one to an issuer in a namespace of others',
    scope: REST,
    record: OPEN,
    expected: { state: 'elsewhere', ...COMMON, issuer: OURS },
  },
  {
    name: 'a denied one to a cluster issuer of others, of no Certificate',
    record: { ...UNOWNED, state: 'denied', issuer: CLUSTER_ISSUER },
    expected: { state: 'elsewhere', uid: OPEN.uid, issuer: CLUSTER_ISSUER },
  },
  { name: 'an unapproved one', scope: REST, record: UNAPPROVED, expected: UNAPPROVED },
  {
    name: 'a settled one, which still tells what its Certificate carries',
    scope: REST,
    record: { ...SETTLED, carried: CARRIED },
    expected: { ...SETTLED, carried: CARRIED },
  },
]

for (const { name, scope = SOME, record, expected } of ROWS)
  test(`what is kept of a request: ${name}`, () => assert.deepEqual(withinScope(scope, record), expected))
