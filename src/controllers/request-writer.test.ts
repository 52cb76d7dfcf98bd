import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isObject } from '../api/read.ts'
import { ApiError } from '../cluster/errors.ts'
import type { Verdict } from '../issuance/conclude.ts'
import { recordOfKubernetesCsr } from '../issuance/kubernetes-csr-record.ts'
import { testClient } from '../testing/api-client.ts'
import { testKubernetesCsr } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { certificateRequestWriter, kubernetesCsrWriter } from './request-writer.ts'

const KEY = 'istio-system/istio-ca-1'
const PENDING: Verdict = { reason: 'Pending', message: 'wait' }
const FAILED: Verdict = { reason: 'Failed', message: 'no' }
const READY = { type: 'Ready', status: 'False', lastTransitionTime: '2026-11-23T12:00:00Z' }
const now = () => TEST_NOW
const NOTHING = { carriedByCertificate: () => undefined, ticket: () => undefined }

const CSR = recordOfKubernetesCsr(testKubernetesCsr())
assert.ok(CSR !== undefined && 'facts' in CSR)

test('a CertificateRequest is written by one apply with its UID and version', async () => {
  const { client, calls } = testClient(() => ({}))
  const writer = certificateRequestWriter(client, now, NOTHING)
  assert.equal(await writer.write(KEY, testOpenRecord(), FAILED), 'written')
  assert.deepEqual(calls, [
    {
      method: 'PATCH',
      path: '/apis/cert-manager.io/v1/namespaces/istio-system/certificaterequests/istio-ca-1/status',
      query: { fieldManager: 'mesh-ca-issuer', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'cert-manager.io/v1',
        kind: 'CertificateRequest',
        metadata: { name: 'istio-ca-1', namespace: 'istio-system', uid: 'uid-istio-ca-1', resourceVersion: '7' },
        status: {
          conditions: [{ ...READY, reason: 'Failed', message: 'no' }],
          failureTime: '2026-11-23T12:00:00Z',
        },
      },
    },
  ])
})

for (const [name, clock, failureTime] of [
  [
    'where our clock is behind that of the approver, a failure is not older than the approval',
    TEST_NOW - 30_000,
    '2026-11-23T12:00:00Z',
  ],
  ['a failure some time after the approval is of now', TEST_NOW + 30_000, '2026-11-23T12:00:30Z'],
] as const)
  test(name, async () => {
    const { client, calls } = testClient(() => ({}))
    await certificateRequestWriter(client, () => clock, NOTHING).write(KEY, testOpenRecord(), FAILED)
    const [patch] = calls
    assert.ok(isObject(patch?.body) && isObject(patch.body.status))
    assert.equal(patch.body.status.failureTime, failureTime)
  })

test('a wait that stands is not written', async () => {
  const { client, calls } = testClient(() => ({}))
  const writer = certificateRequestWriter(client, now, NOTHING)
  const ready = { type: 'Ready', status: 'False', reason: 'Pending', message: 'wait' } as const
  const record = testOpenRecord({ status: { conditions: [{ type: 'Approved', status: 'True' }, ready] } })
  assert.equal(await writer.write(KEY, record, PENDING), 'unchanged')
  assert.deepEqual(calls, [])
})

test('a wait notes what the Certificate carries', async () => {
  const { client, calls } = testClient(() => ({}))
  const asked: string[] = []
  const carried = {
    certificate: 'a/b',
    issuer: 'MeshCAIssuer/a/b',
    pair: trustPair('A', ['A']),
    since: TEST_NOW,
    issuedAt: TEST_NOW,
    revision: 1,
  }
  const carriedByCertificate = (certificate: string) => {
    asked.push(certificate)
    return carried
  }
  const writer = certificateRequestWriter(client, now, { ...NOTHING, carriedByCertificate })
  await writer.write(KEY, testOpenRecord(), PENDING)
  assert.deepEqual(asked, ['istio-system/istio-ca'])
  assert.match(JSON.stringify(calls[0]?.body), /"meshca.dev\/TrustPair"/)
})

for (const { name, known, written, ticket } of [
  { name: 'what this process knows', known: 'arn:1', written: undefined, ticket: 'arn:1' },
  { name: 'what another process wrote down', known: undefined, written: 'arn:0', ticket: 'arn:0' },
  { name: 'the newer of two', known: 'arn:1', written: 'arn:0', ticket: 'arn:1' },
]) {
  test(`a wait keeps the ticket of a PKI that is signing: ${name}`, async () => {
    const { client, calls } = testClient(() => ({}))
    const writer = certificateRequestWriter(client, now, { ...NOTHING, ticket: () => known })
    await writer.write(KEY, { ...testOpenRecord(), ...(written === undefined ? {} : { ticket: written }) }, PENDING)
    assert.deepEqual(JSON.parse(JSON.stringify(calls[0]?.body)).status.conditions[1], {
      type: 'meshca.dev/Signing',
      status: 'True',
      reason: 'TakenByPKI',
      message: ticket,
      lastTransitionTime: '2026-11-23T12:00:00Z',
    })
  })
}

test('a Kubernetes CSR: a wait is not written and counts as told', async () => {
  const { client, calls } = testClient(() => ({}))
  assert.equal(await kubernetesCsrWriter(client, now, NOTHING).write('node-1', CSR, PENDING), 'written')
  assert.deepEqual(calls, [])
})

test('a Kubernetes CSR keeps the ticket of a PKI that is signing, once', async () => {
  const { client, calls } = testClient(() => ({}))
  const writer = kubernetesCsrWriter(client, now, { ...NOTHING, ticket: () => 'arn:1' })
  assert.equal(await writer.write('node-1', CSR, PENDING), 'written')
  assert.equal(await writer.write('node-1', { ...CSR, ticket: 'arn:1' }, PENDING), 'written')
  assert.equal(calls.length, 1)
  assert.match(JSON.stringify(calls[0]?.body), /"type":"meshca.dev\/Signing".*"message":"arn:1"/)
})

test('a Kubernetes CSR is written without a namespace', async () => {
  const { client, calls } = testClient(() => ({}))
  assert.equal(await kubernetesCsrWriter(client, now, NOTHING).write('node-1', CSR, FAILED), 'written')
  assert.equal(calls[0]?.path, '/apis/certificates.k8s.io/v1/certificatesigningrequests/node-1/status')
  assert.deepEqual(Object.entries(Object(calls[0]?.body)).find(([key]) => key === 'metadata')?.[1], {
    name: 'node-1',
    uid: 'uid-node-1',
    resourceVersion: '7',
  })
})

for (const [status, reason, expected] of [
  [404, 'NotFound', 'gone'],
  [409, 'Conflict', 'conflict'],
] as const) {
  test(`a write that meets ${status} is ${expected}`, async () => {
    const { client } = testClient(() => {
      throw new ApiError(status, reason, 'message')
    })
    assert.equal(await certificateRequestWriter(client, now, NOTHING).write(KEY, testOpenRecord(), FAILED), expected)
    assert.equal(await kubernetesCsrWriter(client, now, NOTHING).write('node-1', CSR, FAILED), expected)
  })
}

test('any other fault of a write is thrown', async () => {
  const { client } = testClient(() => {
    throw new ApiError(422, 'Invalid', 'message')
  })
  await assert.rejects(certificateRequestWriter(client, now, NOTHING).write(KEY, testOpenRecord(), FAILED), {
    status: 422,
  })
})

test('events name the object by its UID', () => {
  const { client } = testClient(() => ({}))
  assert.deepEqual(certificateRequestWriter(client, now, NOTHING).subject(KEY, testOpenRecord()), {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    namespace: 'istio-system',
    name: 'istio-ca-1',
    uid: 'uid-istio-ca-1',
  })
  assert.deepEqual(kubernetesCsrWriter(client, now, NOTHING).subject('node-1', CSR), {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    name: 'node-1',
    uid: 'uid-node-1',
  })
})
