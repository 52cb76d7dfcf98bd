import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/condition.ts'
import { base64, TEST_CSR, testKubernetesCsr } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { recordOfKubernetesCsr } from './kubernetes-csr-record.ts'
import type { OpenRecord, RequestRecord } from './request-record.ts'

type Change = Parameters<typeof testKubernetesCsr>[0]

const OPEN: OpenRecord = {
  state: 'open',
  uid: 'uid-node-1',
  resourceVersion: '7',
  issuer: { kind: 'MeshCAClusterIssuer', namespace: '', name: 'mesh' },
  facts: {
    form: 'CertificateSigningRequest',
    uid: 'uid-node-1',
    namespace: 'team-a',
    requester: 'system:serviceaccount:team-a:builder',
    approvedAt: TEST_NOW,
    csr: TEST_CSR.csrPem,
    isCA: false,
    usages: ['digital signature', 'client auth'],
    duration: undefined,
    pathLengthWish: undefined,
  },
  ready: undefined,
}
const SETTLED: RequestRecord = { state: 'settled', uid: 'uid-node-1' }
const UNAPPROVED: RequestRecord = { state: 'unapproved', uid: 'uid-node-1' }

function open(facts: Partial<OpenRecord['facts']>): OpenRecord {
  return { ...OPEN, facts: { ...OPEN.facts, ...facts } }
}

function conditions(...types: readonly string[]): Change {
  return { status: { conditions: types.map((type): Condition => ({ type, status: 'True' })) } }
}

function annotated(name: string, value: string): Change {
  return { metadata: { annotations: { [`experimental.cert-manager.io/${name}`]: value } } }
}

function by(username: string): Change {
  return { spec: { username } }
}

const ROWS: readonly {
  readonly name: string
  readonly change: Change
  readonly expected: RequestRecord | undefined
}[] = [
  { name: 'approved', change: {}, expected: OPEN },
  {
    name: 'approved, and taken by a PKI',
    change: {
      status: {
        conditions: [
          { type: 'Approved', status: 'True', lastTransitionTime: '2026-11-23T12:00:00Z' },
          { type: 'meshca.dev/Signing', status: 'True', reason: 'TakenByPKI', message: 'arn:1' },
        ],
      },
    },
    expected: { ...open({}), ticket: 'arn:1' },
  },
  { name: 'another signer', change: { spec: { signerName: 'kubernetes.io/kubelet-serving' } }, expected: undefined },
  {
    name: 'the namespaced kind',
    change: { spec: { signerName: 'meshcaissuers.meshca.dev/a.mesh' } },
    expected: undefined,
  },
  { name: 'no name', change: { spec: { signerName: 'meshcaclusterissuers.meshca.dev/' } }, expected: undefined },
  { name: 'two slashes', change: { spec: { signerName: 'meshcaclusterissuers.meshca.dev/a/b' } }, expected: undefined },
  { name: 'not approved', change: conditions(), expected: UNAPPROVED },
  { name: 'denied', change: conditions('Denied'), expected: SETTLED },
  { name: 'approved and denied', change: conditions('Approved', 'Denied'), expected: SETTLED },
  { name: 'failed', change: conditions('Approved', 'Failed'), expected: SETTLED },
  { name: 'issued', change: { status: { certificate: base64('x') } }, expected: SETTLED },
  { name: 'a CA', change: annotated('request-is-ca', 'true'), expected: open({ isCA: true }) },
  { name: 'true in other letters is not true', change: annotated('request-is-ca', 'True'), expected: OPEN },
  { name: 'a duration', change: annotated('request-duration', '1h'), expected: open({ duration: '1h' }) },
  { name: 'an expiration', change: { spec: { expirationSeconds: 600 } }, expected: open({ duration: '600s' }) },
  {
    name: 'a duration before an expiration',
    change: { ...annotated('request-duration', '1h'), spec: { expirationSeconds: 600 } },
    expected: open({ duration: '1h' }),
  },
  {
    name: 'a wish for a path length is not heard',
    change: { metadata: { annotations: { 'meshca.dev/path-length': '1' } } },
    expected: OPEN,
  },
  { name: 'a person', change: by('jane'), expected: open({ namespace: undefined, requester: 'jane' }) },
  { name: 'nobody', change: by(''), expected: open({ namespace: undefined, requester: undefined }) },
  ...[
    'system:serviceaccount:team-a',
    'x:system:serviceaccount:team-a:b',
    'system:serviceaccount:team-a:b:c',
    'system:serviceaccount::b',
    'system:serviceaccount:team-a:b\n',
  ].map((requester) => ({
    name: `not quite a ServiceAccount: ${JSON.stringify(requester)}`,
    change: by(requester),
    expected: open({ namespace: undefined, requester }),
  })),
]

for (const { name, change, expected } of ROWS) {
  test(`Kubernetes CSR: ${name}`, () => assert.deepEqual(recordOfKubernetesCsr(testKubernetesCsr(change)), expected))
}
