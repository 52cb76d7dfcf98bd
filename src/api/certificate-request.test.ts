import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  hasFailed,
  isApproved,
  isDenied,
  isInvalid,
  isReady,
  isReadyDenied,
  isSettled,
  readCertificateRequest,
} from './certificate-request.ts'
import { controllerOf } from './metadata.ts'

const STORED = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'CertificateRequest',
  metadata: {
    name: 'istiod-1',
    namespace: 'istio-system',
    uid: 'f0b1a3c9-0c1d-4b9f-9f5e-2f0d9d1f3c55',
    resourceVersion: '42',
    generation: 1,
    creationTimestamp: '2026-02-03T04:05:06Z',
    annotations: { 'meshca.dev/path-length': '1' },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Other', name: 'other', uid: 'u1' },
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        name: 'istiod',
        uid: 'u2',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields: [{ manager: 'x' }],
  },
  spec: {
    request: 'LS0t',
    isCA: true,
    usages: ['cert sign'],
    duration: '2160h0m0s',
    issuerRef: { group: 'meshca.dev', kind: 'MeshCAIssuer', name: 'ca' },
    username: 'system:serviceaccount:cert-manager:cert-manager',
    uid: 'x',
    groups: ['y'],
  },
  status: {
    conditions: [
      { type: 'Approved', status: 'True', reason: 'r', message: 'm', lastTransitionTime: '2026-02-03T04:05:07Z' },
    ],
    certificate: 'Yw==',
    ca: 'cg==',
    failureTime: '2026-02-03T04:05:08Z',
  },
}

const READ = {
  metadata: {
    name: 'istiod-1',
    namespace: 'istio-system',
    uid: STORED.metadata.uid,
    resourceVersion: '42',
    generation: 1,
    creationTimestamp: '2026-02-03T04:05:06Z',
    annotations: { 'meshca.dev/path-length': '1' },
    labels: {},
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Other', name: 'other', uid: 'u1' },
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: 'istiod', uid: 'u2', controller: true },
    ],
  },
  spec: {
    request: 'LS0t',
    isCA: true,
    usages: ['cert sign'],
    duration: '2160h0m0s',
    issuerRef: { group: 'meshca.dev', kind: 'MeshCAIssuer', name: 'ca' },
    username: 'system:serviceaccount:cert-manager:cert-manager',
  },
  status: STORED.status,
}

describe('a CertificateRequest', () => {
  test('is read with the fields that matter and no others', () => {
    assert.deepEqual(readCertificateRequest(STORED), READ)
  })

  test('is read when it comes in a list, where items have no kind', () => {
    const { apiVersion, kind, ...item } = STORED
    assert.deepEqual(readCertificateRequest(item), READ)
    assert.equal(`${apiVersion} ${kind}`, 'cert-manager.io/v1 CertificateRequest')
  })

  test('is read with what a bare one leaves out', () => {
    const { name, namespace, uid, resourceVersion, creationTimestamp } = STORED.metadata
    const metadata = { name, namespace, uid, resourceVersion, creationTimestamp }
    assert.deepEqual(readCertificateRequest({ metadata, spec: { request: 'LS0t', issuerRef: { name: 'ca' } } }), {
      metadata: { ...metadata, annotations: {}, labels: {}, ownerReferences: [] },
      spec: { request: 'LS0t', isCA: false, usages: [], issuerRef: { group: '', kind: '', name: 'ca' }, username: '' },
      status: { conditions: [] },
    })
  })

  for (const [name, object] of [
    ['nothing', undefined],
    ['a list', [STORED]],
    ['another kind', { ...STORED, kind: 'Certificate' }],
    ['another version', { ...STORED, apiVersion: 'cert-manager.io/v1alpha2' }],
    ['no metadata', { ...STORED, metadata: undefined }],
    ['no namespace', { ...STORED, metadata: { ...STORED.metadata, namespace: undefined } }],
    ['no uid', { ...STORED, metadata: { ...STORED.metadata, uid: '' } }],
    ['no resourceVersion', { ...STORED, metadata: { ...STORED.metadata, resourceVersion: undefined } }],
    ['no spec', { ...STORED, spec: undefined }],
    ['no CSR', { ...STORED, spec: { ...STORED.spec, request: '' } }],
    ['no issuer', { ...STORED, spec: { ...STORED.spec, issuerRef: {} } }],
    ['usages that are not strings', { ...STORED, spec: { ...STORED.spec, usages: [1] } }],
  ] as const) {
    test(`is not read from ${name}`, () => assert.equal(readCertificateRequest(object), undefined))
  }

  test('reads any JSON or refuses it without an error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
        readCertificateRequest({ ...STORED, spec, status })
        readCertificateRequest(spec)
      }),
    )
  })

  test('is controlled by its Certificate', () => {
    const request = readCertificateRequest(STORED)
    assert.deepEqual(request && controllerOf(request.metadata), READ.metadata.ownerReferences[1])
  })
})

const FACTS = { isApproved, isDenied, isInvalid, isReady, hasFailed, isReadyDenied, isSettled }

describe('of a CertificateRequest is known', () => {
  const ready = (status: string, reason: string) => ({ type: 'Ready', status, reason })
  for (const { name, conditions, facts } of [
    { name: 'untouched', conditions: [], facts: [] },
    { name: 'approved', conditions: [{ type: 'Approved', status: 'True' }], facts: ['isApproved'] },
    { name: 'not yet approved in so many words', conditions: [{ type: 'Approved', status: 'False' }], facts: [] },
    { name: 'denied and never approved', conditions: [{ type: 'Denied', status: 'True' }], facts: ['isDenied'] },
    {
      name: 'denied and noted',
      conditions: [{ type: 'Denied', status: 'True' }, ready('False', 'Denied')],
      facts: ['isDenied', 'isReadyDenied', 'isSettled'],
    },
    {
      name: 'noted as denied without the condition',
      conditions: [ready('False', 'Denied')],
      facts: ['isReadyDenied', 'isSettled'],
    },
    { name: 'pending', conditions: [ready('False', 'Pending')], facts: [] },
    { name: 'initializing', conditions: [ready('Unknown', 'Failed')], facts: [] },
    { name: 'issued', conditions: [ready('True', 'Issued')], facts: ['isReady', 'isSettled'] },
    { name: 'failed', conditions: [ready('False', 'Failed')], facts: ['hasFailed', 'isSettled'] },
    { name: 'ready, whatever its reason', conditions: [ready('True', 'Failed')], facts: ['isReady', 'isSettled'] },
    { name: 'invalid', conditions: [{ type: 'InvalidRequest', status: 'True' }], facts: ['isInvalid'] },
  ]) {
    test(name, () => {
      const request = readCertificateRequest({ ...STORED, status: { conditions } })
      assert.ok(request)
      const known = Object.entries(FACTS).flatMap(([fact, holds]) => (holds(request) ? [fact] : []))
      assert.deepEqual(known, facts)
    })
  }
})
