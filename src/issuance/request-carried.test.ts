import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateRequestStatus } from '../api/certificate-request.ts'
import type { Condition } from '../api/condition.ts'
import { base64, TEST_ROOT, testCertificateRequest } from '../testing/builders.ts'
import { TEST_NOW, testIntermediate } from '../testing/certificates.ts'
import { trustPair } from '../trust/transition.ts'
import { recordOfCertificateRequest } from './certificate-request-record.ts'
import { makePublishedReader } from './published-reader.ts'
import type { CarriedCA } from './request-record.ts'
import { notedCondition, TRUST_PAIR_CONDITION } from './trust-condition.ts'

const HOUR = 3_600_000
const ISSUED = testIntermediate(TEST_ROOT, { subject: 'CN=istiod-ca' })
const { fingerprint } = TEST_ROOT.certificate
const READY: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Issued',
  lastTransitionTime: '2026-11-23T11:00:00Z',
}
const CARRIED: Condition = { type: TRUST_PAIR_CONDITION, status: 'True', lastTransitionTime: '2026-11-20T12:00:00Z' }

const STATUS: CertificateRequestStatus = {
  conditions: [READY, CARRIED],
  certificate: base64(ISSUED.certificatePem),
  ca: base64(TEST_ROOT.certificatePem),
}

const EXPECTED: CarriedCA = {
  certificate: 'istio-system/istio-ca',
  revision: 3,
  pair: trustPair(fingerprint, [fingerprint]),
  issuer: 'MeshCAIssuer/istio-system/mesh',
  since: TEST_NOW - 72 * HOUR,
  issuedAt: TEST_NOW - HOUR,
  validity: { notBefore: ISSUED.certificate.notBefore, notAfter: ISSUED.certificate.notAfter },
}

const { validity: _none, ...NO_VALIDITY } = EXPECTED

const REVISION = { 'cert-manager.io/certificate-revision': '3' }

interface Row {
  readonly name: string
  readonly status?: Partial<CertificateRequestStatus>
  readonly without?: keyof CertificateRequestStatus
  readonly annotations?: Readonly<Record<string, string>>
  readonly isCA?: boolean
  readonly expected: CarriedCA | undefined
}

const NOTED = notedCondition({
  pair: trustPair('a'.repeat(64), ['a'.repeat(64)]),
  since: TEST_NOW,
  issuer: 'MeshCAIssuer/istio-system/old',
})

const ROWS: readonly Row[] = [
  { name: 'an issued request', expected: EXPECTED },
  { name: 'no CA', isCA: false, expected: undefined },
  {
    name: 'without our condition: since it was issued',
    status: { conditions: [READY] },
    expected: { ...EXPECTED, since: EXPECTED.issuedAt },
  },
  {
    name: 'issued at no time that exists: when it was made',
    status: { conditions: [{ ...READY, lastTransitionTime: 'never' }] },
    expected: { ...EXPECTED, since: TEST_NOW - 60_000, issuedAt: TEST_NOW - 60_000 },
  },
  { name: 'no certificate', status: { certificate: '' }, expected: undefined },
  { name: 'no ca', status: { ca: '' }, expected: undefined },
  { name: 'a certificate alone', without: 'ca', expected: undefined },
  { name: 'a ca alone', without: 'certificate', expected: undefined },
  { name: 'a ca that does not stand above', status: { ca: base64(ISSUED.certificatePem) }, expected: undefined },
  { name: 'a certificate that is none', status: { certificate: base64('none') }, expected: undefined },
  { name: 'no revision', annotations: {}, expected: { ...EXPECTED, revision: 0 } },
  ...['NaN', 'x', '1e999', '-1', '1.5'].map((revision) => ({
    name: `a revision that is no number: ${revision}`,
    annotations: { 'cert-manager.io/certificate-revision': revision },
    expected: { ...EXPECTED, revision: 0 },
  })),
  {
    name: 'a request that waits notes what the one before told',
    status: { conditions: [{ ...READY, status: 'False', reason: 'Pending' }, NOTED] },
    expected: {
      ...NO_VALIDITY,
      pair: trustPair('a'.repeat(64), ['a'.repeat(64)]),
      issuer: 'MeshCAIssuer/istio-system/old',
      since: TEST_NOW,
      issuedAt: TEST_NOW,
    },
  },
  {
    name: 'a request that waits and notes nothing',
    status: { conditions: [{ ...READY, status: 'False', reason: 'Pending' }] },
    expected: undefined,
  },
]

test('carried: a Certificate that is made anew finds what the one before it left', () => {
  const read = (uid: string) => {
    const [owner] = testCertificateRequest().metadata.ownerReferences
    assert.ok(owner)
    const request = testCertificateRequest({ metadata: { ownerReferences: [{ ...owner, uid }] }, status: STATUS })
    return recordOfCertificateRequest(request, makePublishedReader())
  }
  assert.equal(read('uid-1')?.certificate, 'istio-system/istio-ca')
  assert.deepEqual(read('uid-2'), read('uid-1'))
})

for (const { name, status, without, annotations = REVISION, isCA = true, expected } of ROWS) {
  test(`carried: ${name}`, () => {
    const members = Object.entries({ ...STATUS, ...status }).filter(([member]) => member !== without)
    const request = testCertificateRequest({
      metadata: { annotations },
      spec: { isCA },
      status: Object.fromEntries(members),
    })
    assert.deepEqual(recordOfCertificateRequest(request, makePublishedReader())?.carried, expected)
  })
}
