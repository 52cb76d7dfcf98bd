import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  clusterIssuerOf,
  hasCsrFailed,
  isCsrApproved,
  isCsrDenied,
  isCsrIssued,
  isCsrSettled,
  readKubernetesCsr,
} from './kubernetes-csr.ts'

const METADATA = { name: 'web', uid: 'u1', resourceVersion: '3', creationTimestamp: '2026-02-03T04:05:06Z' }
const SPEC = {
  request: 'LS0t',
  signerName: 'meshcaclusterissuers.meshca.dev/mesh.example.com',
  usages: ['client auth'],
  expirationSeconds: 3600,
  username: 'jane',
}
const STORED = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: METADATA,
  spec: { ...SPEC, groups: ['g'] },
}
const META = { ...METADATA, annotations: {}, labels: {}, ownerReferences: [] }

describe('a Kubernetes CertificateSigningRequest', () => {
  test('is read with the fields that matter and no others', () => {
    const status = {
      conditions: [{ type: 'Approved', status: 'True', lastUpdateTime: 'x' }],
      certificate: 'Yw==',
      x: 1,
    }
    assert.deepEqual(readKubernetesCsr({ ...STORED, status }), {
      metadata: META,
      spec: SPEC,
      status: { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'Yw==' },
    })
  })

  test('is read with what a bare one leaves out', () => {
    const { request, signerName } = SPEC
    assert.deepEqual(readKubernetesCsr({ metadata: METADATA, spec: { request, signerName } }), {
      metadata: META,
      spec: { request, signerName, usages: [], username: '' },
      status: { conditions: [] },
    })
  })

  for (const [name, object] of [
    ['nothing', null],
    ['another kind', { ...STORED, kind: 'CertificateRequest' }],
    ['another version', { ...STORED, apiVersion: 'certificates.k8s.io/v1beta1' }],
    ['no name', { ...STORED, metadata: { ...METADATA, name: undefined } }],
    ['no CSR', { ...STORED, spec: { ...SPEC, request: undefined } }],
    ['no signer', { ...STORED, spec: { ...SPEC, signerName: undefined } }],
    ['usages that are not a list', { ...STORED, spec: { ...SPEC, usages: 'client auth' } }],
  ] as const) {
    test(`is not read from ${name}`, () => assert.equal(readKubernetesCsr(object), undefined))
  }

  for (const [signerName, issuer] of [
    ['meshcaclusterissuers.meshca.dev/mesh', 'mesh'],
    ['meshcaclusterissuers.meshca.dev/mesh.example.com', 'mesh.example.com'],
    ['meshcaclusterissuers.meshca.dev/', undefined],
    ['meshcaclusterissuers.meshca.dev/a/b', undefined],
    ['meshcaissuers.meshca.dev/default.mesh', undefined],
    ['xmeshcaclusterissuers.meshca.dev/mesh', undefined],
    ['meshcaclusterissuers.meshca.devil/mesh', undefined],
    ['kubernetes.io/kube-apiserver-client', undefined],
  ] as const) {
    test(`for ${signerName} asks ${issuer ?? 'another signer'}`, () => {
      const csr = readKubernetesCsr({ ...STORED, spec: { ...SPEC, signerName } })
      assert.equal(csr && clusterIssuerOf(csr), issuer)
    })
  }
})

const FACTS = { isCsrApproved, isCsrDenied, hasCsrFailed, isCsrIssued, isCsrSettled }

describe('of a Kubernetes CertificateSigningRequest is known', () => {
  const conditions = (...types: readonly string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) })
  for (const { name, status, facts } of [
    { name: 'untouched', status: undefined, facts: [] },
    { name: 'approved', status: conditions('Approved'), facts: ['isCsrApproved'] },
    { name: 'denied and never approved', status: conditions('Denied'), facts: ['isCsrDenied', 'isCsrSettled'] },
    {
      name: 'failed',
      status: conditions('Approved', 'Failed'),
      facts: ['isCsrApproved', 'hasCsrFailed', 'isCsrSettled'],
    },
    {
      name: 'issued',
      status: { ...conditions('Approved'), certificate: 'Yw==' },
      facts: ['isCsrApproved', 'isCsrIssued', 'isCsrSettled'],
    },
    {
      name: 'not issued with an empty certificate',
      status: { ...conditions('Approved'), certificate: '' },
      facts: ['isCsrApproved'],
    },
  ]) {
    test(name, () => {
      const csr = readKubernetesCsr({ ...STORED, status })
      assert.ok(csr)
      assert.deepEqual(
        Object.entries(FACTS).flatMap(([fact, holds]) => (holds(csr) ? [fact] : [])),
        facts,
      )
    })
  }
})
