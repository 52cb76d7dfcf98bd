import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateRequest } from '../api/certificate-request.ts'
import type { Condition } from '../api/condition.ts'
import { TEST_CSR, testCertificateRequest } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { recordOfCertificateRequest } from './certificate-request-record.ts'
import { issuerKey, type OpenRecord, type RequestRecord } from './request-record.ts'

type Change = Parameters<typeof testCertificateRequest>[0]

const OPEN: OpenRecord = {
  state: 'open',
  uid: 'uid-istio-ca-1',
  certificate: 'istio-system/istio-ca',
  resourceVersion: '7',
  issuer: { kind: 'MeshCAIssuer', namespace: 'istio-system', name: 'mesh' },
  facts: {
    form: 'CertificateRequest',
    uid: 'uid-istio-ca-1',
    namespace: 'istio-system',
    requester: 'system:serviceaccount:cert-manager:cert-manager',
    approvedAt: TEST_NOW,
    csr: TEST_CSR.csrPem,
    isCA: true,
    usages: ['digital signature', 'cert sign'],
    duration: '720h',
    pathLengthWish: undefined,
  },
  ready: undefined,
}

function open(facts: Partial<OpenRecord['facts']>, rest: Partial<OpenRecord> = {}): OpenRecord {
  return { ...OPEN, ...rest, facts: { ...OPEN.facts, ...facts } }
}

const COMMON = { uid: OPEN.uid, certificate: 'istio-system/istio-ca' }
const { certificate: _none, ...UNOWNED } = OPEN
const UNAPPROVED: RequestRecord = { state: 'unapproved', ...COMMON }
const SETTLED: RequestRecord = { state: 'settled', ...COMMON }

function conditions(...list: readonly Condition[]): Change {
  return { status: { conditions: list } }
}

const APPROVED: Condition = { type: 'Approved', status: 'True', lastTransitionTime: '2026-11-23T12:00:00Z' }
const DENIED: Condition = { type: 'Denied', status: 'True', lastTransitionTime: '2026-11-23T12:00:00Z' }

function ready(status: 'True' | 'False' | 'Unknown', reason: string): Condition {
  return { type: 'Ready', status, reason, message: 'm' }
}

function naming(group: string, kind: string, name = 'mesh'): Change {
  return { spec: { issuerRef: { group, kind, name } } }
}

const WHOSE: readonly { readonly name: string; readonly change: Change; readonly key: string | undefined }[] = [
  { name: 'W-A6: our namespaced kind, and no other of that name', change: {}, key: 'MeshCAIssuer/istio-system/mesh' },
  { name: 'our cluster kind', change: naming('meshca.dev', 'MeshCAClusterIssuer'), key: 'MeshCAClusterIssuer//mesh' },
  { name: 'no group', change: naming('', 'MeshCAIssuer'), key: undefined },
  { name: 'no kind', change: naming('meshca.dev', ''), key: undefined },
  { name: "cert-manager's group", change: naming('cert-manager.io', 'MeshCAIssuer'), key: undefined },
  { name: "cert-manager's kind", change: naming('meshca.dev', 'Issuer'), key: undefined },
  { name: 'a group in other letters', change: naming('MeshCA.dev', 'MeshCAIssuer'), key: undefined },
  { name: 'a kind in other letters', change: naming('meshca.dev', 'meshcaissuer'), key: undefined },
  { name: 'a group below ours', change: naming('x.meshca.dev', 'MeshCAIssuer'), key: undefined },
  { name: 'a group with a space', change: naming('meshca.dev ', 'MeshCAIssuer'), key: undefined },
  { name: 'a plural', change: naming('meshca.dev', 'meshcaissuers'), key: undefined },
]

for (const { name, change, key } of WHOSE) {
  test(`whose request: ${name}`, () => {
    const record = recordOfCertificateRequest(testCertificateRequest(change), () => undefined)
    assert.equal(record && 'issuer' in record ? issuerKey(record.issuer) : undefined, key)
    assert.equal(record === undefined, key === undefined)
  })
}

test('whose request: a name cannot lead out of its namespace', () => {
  const keys = ['../other/mesh', '/mesh', 'a/b', ''].map((name) => {
    const record = recordOfCertificateRequest(
      testCertificateRequest(naming('meshca.dev', 'MeshCAIssuer', name)),
      () => undefined,
    )
    return record && 'issuer' in record ? issuerKey(record.issuer) : undefined
  })
  for (const key of keys) assert.match(key ?? '', /^MeshCAIssuer\/istio-system\//)
})

const STATES: readonly { readonly name: string; readonly change: Change; readonly expected: RequestRecord }[] = [
  { name: 'approved', change: {}, expected: OPEN },
  { name: 'no conditions', change: conditions(), expected: UNAPPROVED },
  { name: 'Approved that is False', change: conditions({ type: 'Approved', status: 'False' }), expected: UNAPPROVED },
  {
    name: 'Approved that is Unknown',
    change: conditions({ type: 'Approved', status: 'Unknown' }),
    expected: UNAPPROVED,
  },
  { name: 'a wait that nobody approved', change: conditions(ready('False', 'Pending')), expected: UNAPPROVED },
  {
    name: 'denied and never approved',
    change: conditions(DENIED),
    expected: open({ approvedAt: TEST_NOW - 60_000 }, { state: 'denied' }),
  },
  {
    name: 'denied and approved: denied',
    change: conditions(APPROVED, DENIED),
    expected: open({}, { state: 'denied' }),
  },
  {
    name: 'waiting',
    change: conditions(APPROVED, ready('False', 'Pending')),
    expected: open({}, { ready: ready('False', 'Pending') }),
  },
  {
    name: 'initialized by another',
    change: conditions(APPROVED, ready('Unknown', 'Initializing')),
    expected: open({}, { ready: ready('Unknown', 'Initializing') }),
  },
  { name: 'issued', change: conditions(APPROVED, ready('True', 'Issued')), expected: SETTLED },
  { name: 'failed', change: conditions(APPROVED, ready('False', 'Failed')), expected: SETTLED },
  { name: 'denied and noted', change: conditions(DENIED, ready('False', 'Denied')), expected: SETTLED },
  { name: 'denied after it failed', change: conditions(DENIED, ready('False', 'Failed')), expected: SETTLED },
]

for (const { name, change, expected } of STATES) {
  test(`state of a request: ${name}`, () => {
    assert.deepEqual(
      recordOfCertificateRequest(testCertificateRequest(change), () => undefined),
      expected,
    )
  })
}

const FACTS: readonly { readonly name: string; readonly change: Change; readonly expected: RequestRecord }[] = [
  { name: 'nobody recorded who asked', change: { spec: { username: '' } }, expected: open({ requester: undefined }) },
  {
    name: 'an approval without a time: the creation',
    change: conditions({ type: 'Approved', status: 'True' }),
    expected: open({ approvedAt: TEST_NOW - 60_000 }),
  },
  {
    name: 'an approval of no time that exists',
    change: conditions({ ...APPROVED, lastTransitionTime: '2026-13-45T99:00:00Z' }),
    expected: open({ approvedAt: TEST_NOW - 60_000 }),
  },
  {
    name: 'a wish',
    change: { metadata: { annotations: { 'meshca.dev/path-length': '1' } } },
    expected: open({ pathLengthWish: '1' }),
  },
  {
    name: 'no CA: no trust to carry',
    change: { spec: { isCA: false } },
    expected: { ...UNOWNED, facts: { ...OPEN.facts, isCA: false } },
  },
  { name: 'a request without a Certificate', change: { metadata: { ownerReferences: [] } }, expected: UNOWNED },
  { name: 'an owner that does not control it', change: owned({ controller: false }), expected: UNOWNED },
  { name: 'an owner of another kind', change: owned({ kind: 'Issuer' }), expected: UNOWNED },
  { name: 'an owner of another group', change: owned({ apiVersion: 'cert-manager.io.evil/v1' }), expected: UNOWNED },
]

function owned(change: Partial<CertificateRequest['metadata']['ownerReferences'][number]>): Change {
  const [owner] = testCertificateRequest().metadata.ownerReferences
  assert.ok(owner)
  return { metadata: { ownerReferences: [{ ...owner, ...change }] } }
}

for (const { name, change, expected } of FACTS) {
  test(`facts of a request: ${name}`, () => {
    assert.deepEqual(
      recordOfCertificateRequest(testCertificateRequest(change), () => undefined),
      expected,
    )
  })
}
