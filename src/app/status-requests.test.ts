import assert from 'node:assert/strict'
import { test } from 'node:test'
import { READY } from '../api/certificate-request.ts'
import { recordOfKubernetesCsr } from '../issuance/kubernetes-csr-record.ts'
import type { CarriedCA, RequestRecord } from '../issuance/request-record.ts'
import { testKubernetesCsr } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { testOpenRecord } from '../testing/request-world.ts'
import { trustPair } from '../trust/transition.ts'
import { FailureLog } from './status-failures.ts'
import { intermediateViews, issuerTitle, requestsView } from './status-requests.ts'

const OPEN = testOpenRecord()
const CSR = recordOfKubernetesCsr(testKubernetesCsr())
const PENDING = { type: READY, status: 'False', reason: 'Pending', message: 'the issuer is not ready' } as const

function seen(requests: Readonly<Record<string, RequestRecord>>, csrs: Readonly<Record<string, RequestRecord>> = {}) {
  const entries = (records: Readonly<Record<string, RequestRecord>>) => ({ entries: () => Object.entries(records) })
  const failures = new FailureLog()
  failures.note({
    at: 1,
    subject: 'CertificateSigningRequest node-1',
    reason: 'IssuerNotReady',
    message: 'as was said',
  })
  return requestsView({ certificateRequests: entries(requests), kubernetesCsrs: entries(csrs) }, failures.list())
}

test('requests are counted by state, and those in flight stand in the order of their approval', () => {
  assert.ok(CSR)
  const late: RequestRecord = { ...OPEN, facts: { ...OPEN.facts, approvedAt: TEST_NOW + 1000 }, ready: PENDING }
  const { requests, certificates } = seen(
    {
      'a/late': late,
      'a/new': { state: 'unapproved', uid: '1' },
      'a/done': { state: 'settled', uid: '2', certificate: 'a/done' },
      'a/no': { ...OPEN, state: 'denied' },
      'a/left': { state: 'elsewhere', uid: '3', issuer: { kind: 'MeshCAClusterIssuer', namespace: '', name: 'mesh' } },
      'a/open': OPEN,
    },
    { 'node-1': CSR },
  )
  assert.deepEqual(requests.counts, [
    { kind: 'CertificateRequest', states: { unapproved: 1, open: 2, denied: 1, settled: 1, elsewhere: 1 } },
    { kind: 'CertificateSigningRequest', states: { unapproved: 0, open: 1, denied: 0, settled: 0, elsewhere: 0 } },
  ])
  const issuer = 'MeshCAIssuer istio-system/mesh'
  assert.deepEqual(requests.inFlight, [
    {
      kind: 'CertificateRequest',
      request: 'a/open',
      issuer,
      approvedAt: TEST_NOW,
      message: 'it is in line to be signed',
    },
    {
      kind: 'CertificateSigningRequest',
      request: 'node-1',
      issuer: 'MeshCAClusterIssuer mesh',
      approvedAt: TEST_NOW,
      message: 'as was said',
    },
    { kind: 'CertificateRequest', request: 'a/late', issuer, approvedAt: TEST_NOW + 1000, message: PENDING.message },
  ])
  assert.deepEqual([...certificates], ['istio-system/istio-ca', 'a/done'])
})

function carrying(certificate: string, issuedAt: number, validity?: CarriedCA['validity']): CarriedCA {
  const issuer = 'MeshCAClusterIssuer//mesh'
  const told = { certificate, issuer, pair: trustPair('r', ['r', 's']), since: 5, issuedAt, revision: 1 }
  return validity === undefined ? told : { ...told, validity }
}

test('the intermediate that ends first stands first, and what is not known last', () => {
  const views = intermediateViews([
    carrying('a/unknown-late', 20),
    carrying('a/last', 10, { notBefore: 0, notAfter: 900 }),
    carrying('a/unknown', 10),
    carrying('a/first', 10, { notBefore: 0, notAfter: 300 }),
  ])
  const common = { issuer: 'MeshCAClusterIssuer mesh', carriedSince: 5, signerRoot: 'r', roots: ['r', 's'] }
  assert.deepEqual(views, [
    { certificate: 'a/first', ...common, issuedAt: 10, notBefore: 0, notAfter: 300, renewalAt: 200 },
    { certificate: 'a/last', ...common, issuedAt: 10, notBefore: 0, notAfter: 900, renewalAt: 600 },
    { certificate: 'a/unknown', ...common, issuedAt: 10 },
    { certificate: 'a/unknown-late', ...common, issuedAt: 20 },
  ])
})

test('issuers are called by kind and name', () => {
  assert.equal(issuerTitle('MeshCAIssuer/a/b'), 'MeshCAIssuer a/b')
  assert.equal(issuerTitle('MeshCAClusterIssuer//b'), 'MeshCAClusterIssuer b')
})
