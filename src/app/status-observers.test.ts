import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeLogger } from '../ops/log.ts'
import { testClient } from '../testing/api-client.ts'
import { testClusterIssuer, testIssuer } from '../testing/builders.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { makeCaches } from './caches.ts'
import { FailureLog } from './status-failures.ts'
import { makeObservers, type Observers } from './status-observers.ts'

/** Observers whose caches are empty, and what they told metrics, page and log. */
function observing(level: 'info' | 'warn' = 'info') {
  const told: unknown[] = []
  const lines: string[] = []
  const failures = new FailureLog()
  const nothing = () => undefined
  const handlers = { certificateRequest: nothing, kubernetesCsr: nothing, issuer: nothing, namespace: nothing }
  const observers = makeObservers({
    caches: makeCaches({
      client: testClient(nothing).client,
      scope: { watchNamespaces: [], skipNamespaces: [] },
      now: () => 0,
      failed: nothing,
      handlers: { ...handlers, recovered: nothing },
    }),
    metrics: { attempt: (attempt) => told.push(attempt), incident: (...incident) => told.push(incident) },
    failures,
    log: makeLogger(level, { write: (line) => lines.push(line) }),
    now: () => TEST_NOW,
  })
  const logged = () => lines.map((line) => JSON.parse(line)).map(({ time: _, ...rest }) => rest)
  return { observers, told, failures, logged }
}

type Observation = Parameters<Observers['observe']>[0]

const FAILED: Observation = {
  key: 'a/ca-1',
  issuer: 'MeshCAIssuer/a/mesh',
  uid: 'uid-1',
  reason: 'Failed',
  code: 'ProfileMismatch',
  message: 'not a CA',
  serialNumber: undefined,
  sinceApprovalMs: 5,
}

test('an attempt goes to the metrics, to the log, and as a failure to the page', () => {
  const { observers, told, failures, logged } = observing()
  observers.observe(FAILED)
  assert.deepEqual(told, [
    {
      backend: undefined,
      kind: 'CertificateRequest',
      outcome: 'Failed',
      reason: 'ProfileMismatch',
      sinceApprovalMs: 5,
    },
  ])
  assert.deepEqual(failures.list(), [
    { at: TEST_NOW, subject: 'CertificateRequest a/ca-1', reason: 'ProfileMismatch', message: 'not a CA', times: 1 },
  ])
  assert.deepEqual(logged(), [
    {
      level: 'info',
      request: 'a/ca-1',
      issuer: 'MeshCAIssuer/a/mesh',
      uid: 'uid-1',
      outcome: 'Failed',
      reason: 'ProfileMismatch',
      msg: 'not a CA',
    },
  ])
})

const NOTED: readonly (readonly [name: string, change: Partial<Observation>, subject: string | undefined])[] = [
  ['an issuance', { reason: 'Issued', code: 'Issued' }, undefined],
  ['a PKI that takes its time', { reason: 'Pending', code: 'Pending' }, undefined],
  ['a wait for somebody', { reason: 'Pending', code: 'IssuerNotReady' }, 'CertificateRequest a/ca-1'],
  ['a denial', { reason: 'Denied', code: 'Denied' }, 'CertificateRequest a/ca-1'],
  ['a Kubernetes CSR', { key: 'node-1' }, 'CertificateSigningRequest node-1'],
]

for (const [name, change, subject] of NOTED) {
  test(`${subject === undefined ? 'no failure' : 'a failure'}: ${name}`, () => {
    const { observers, failures } = observing()
    observers.observe({ ...FAILED, ...change })
    assert.deepEqual(
      failures.list().map((failure) => failure.subject),
      subject === undefined ? [] : [subject],
    )
  })
}

test('incidents are counted and logged; a stray one is a warning and a failure', () => {
  const { observers, told, failures, logged } = observing('warn')
  observers.incident({ backend: 'Vault', what: 'login', message: 'logged in' })
  observers.incident({ backend: 'AWSPrivateCA', what: 'stray', message: 'nobody was given arn:1' })
  assert.deepEqual(told, [
    ['Vault', 'login'],
    ['AWSPrivateCA', 'stray'],
  ])
  assert.deepEqual(logged(), [{ level: 'warn', backend: 'AWSPrivateCA', what: 'stray', msg: 'nobody was given arn:1' }])
  assert.deepEqual(failures.list(), [
    { at: TEST_NOW, subject: 'AWSPrivateCA', reason: 'Stray', message: 'nobody was given arn:1', times: 1 },
  ])
})

test('an issuer that turns bad is a failure, one that turns good is none; both are logged', () => {
  const { observers, failures, logged } = observing()
  observers.issuerTold(testIssuer(), { type: 'Warning', reason: 'SecretNotFound', note: 'create it' })
  observers.issuerTold(testClusterIssuer(), { type: 'Warning', reason: 'CaKeyMismatch', note: 'mend it' })
  observers.issuerTold(testIssuer(), { type: 'Normal', reason: 'Checked', note: 'the issuer can sign' })
  assert.deepEqual(
    failures.list().map(({ subject, reason, message }) => `${subject} ${reason}: ${message}`),
    ['MeshCAClusterIssuer mesh CaKeyMismatch: mend it', 'MeshCAIssuer istio-system/mesh SecretNotFound: create it'],
  )
  const own = { issuer: 'MeshCAIssuer/istio-system/mesh', uid: testIssuer().metadata.uid }
  const wide = { issuer: 'MeshCAClusterIssuer//mesh', uid: testClusterIssuer().metadata.uid }
  assert.deepEqual(logged(), [
    { level: 'warn', ...own, reason: 'SecretNotFound', msg: 'create it' },
    { level: 'warn', ...wide, reason: 'CaKeyMismatch', msg: 'mend it' },
    { level: 'info', ...own, reason: 'Checked', msg: 'the issuer can sign' },
  ])
})
