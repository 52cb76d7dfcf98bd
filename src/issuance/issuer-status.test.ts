import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IssuerStatus, LastIssuance } from '../api/issuer.ts'
import { issuerStatus as schema } from '../api/schema/status.ts'
import { TEST_ROOT, testAuthority, testSpec } from '../testing/builders.ts'
import { TEST_NOW, testCa, testIntermediate } from '../testing/certificates.ts'
import { makeBundle } from '../trust/bundle.ts'
import { trustPair } from '../trust/transition.ts'
import type { Health } from './issuer-health.ts'
import { type IssuerStatusFacts, issuerStatus } from './issuer-status.ts'

const SUB = testIntermediate(TEST_ROOT, { subject: 'CN=Sub', pathLength: 1 })
const NEXT = testCa({ subject: 'CN=Next Root' })
const { fingerprint } = TEST_ROOT.certificate
const BUNDLE = makeBundle([TEST_ROOT.certificate, NEXT.certificate])
const EARLIER = '2026-11-20T08:00:00Z'
const NOW = '2026-11-23T12:00:00Z'

const HEALTH: Health = {
  readiness: { ready: true, authority: testAuthority(SUB, TEST_ROOT), bundle: BUNDLE },
  conditions: [{ type: 'Ready', status: 'True', reason: 'Checked', message: 'm', observedGeneration: 4 }],
  authority: testAuthority(SUB, TEST_ROOT),
  bundle: BUNDLE,
}
const ISSUANCE: LastIssuance = {
  time: NOW,
  kind: 'CertificateRequest',
  namespace: 'a',
  name: 'b',
  serialNumber: '1f',
  notAfter: '2026-12-23T12:00:00Z',
}
const GOOD: IssuerStatusFacts = {
  spec: testSpec(),
  health: HEALTH,
  before: {},
  lastIssuance: undefined,
  carried: [],
  now: TEST_NOW,
}
const READY = { type: 'Ready', status: 'True', reason: 'Checked', message: 'm', observedGeneration: 4 } as const

const STATUS: IssuerStatus = {
  conditions: [{ ...READY, lastTransitionTime: NOW }],
  backend: 'CA',
  root: fingerprint.slice(0, 16),
  authority: {
    subject: 'CN=Sub',
    serialNumber: SUB.certificate.serialNumber,
    fingerprint: SUB.certificate.fingerprint,
    notBefore: '2026-11-22T12:00:00Z',
    notAfter: '2027-02-21T12:00:00Z',
    pathLength: 1,
    key: 'ECDSA P-256',
    rootFingerprint: fingerprint,
  },
  trustBundle: {
    sha256: BUNDLE.sha256,
    roots: BUNDLE.roots.map((root) => ({
      subject: root.subject.text,
      fingerprint: root.fingerprint,
      notAfter: '2036-11-20T12:00:00Z',
    })),
  },
}

const CARRIED = {
  certificate: 'a/c',
  issuer: 'MeshCAIssuer/a/mesh',
  pair: trustPair(fingerprint, [fingerprint]),
  since: TEST_NOW,
  issuedAt: TEST_NOW,
  revision: 1,
}

const { pathLength: _none, ...unlimited } = STATUS.authority ?? assert.fail()
const DOWN: Health = {
  ...HEALTH,
  readiness: { ready: false, message: 'm' },
  conditions: [{ ...READY, status: 'False' }],
  authority: undefined,
  bundle: undefined,
}

const ROWS: readonly {
  readonly name: string
  readonly change: Partial<IssuerStatusFacts>
  readonly expected: IssuerStatus
}[] = [
  { name: 'a first check', change: {}, expected: STATUS },
  {
    name: 'checked again: since when it is ready stays',
    change: { before: { conditions: [{ ...READY, lastTransitionTime: EARLIER }] } },
    expected: { ...STATUS, conditions: [{ ...READY, lastTransitionTime: EARLIER }] },
  },
  {
    name: 'ready again: since now',
    change: { before: { conditions: [{ ...READY, status: 'False', lastTransitionTime: EARLIER }] } },
    expected: STATUS,
  },
  {
    name: 'an authority without a path length',
    change: { health: { ...HEALTH, authority: testAuthority(TEST_ROOT) } },
    expected: {
      ...STATUS,
      authority: {
        ...unlimited,
        subject: 'CN=Mesh Root',
        serialNumber: TEST_ROOT.certificate.serialNumber,
        fingerprint,
        notAfter: '2036-11-20T12:00:00Z',
      },
    },
  },
  {
    name: 'nothing could be read: nothing of before is kept but the last issuance',
    change: { health: DOWN, before: { ...STATUS, lastIssuance: ISSUANCE } },
    expected: {
      conditions: [{ ...READY, status: 'False', lastTransitionTime: NOW }],
      backend: 'CA',
      lastIssuance: ISSUANCE,
    },
  },
  { name: 'an issuance', change: { lastIssuance: ISSUANCE }, expected: { ...STATUS, lastIssuance: ISSUANCE } },
  {
    name: 'a newer issuance than was written',
    change: { lastIssuance: { ...ISSUANCE, name: 'c' }, before: { lastIssuance: ISSUANCE } },
    expected: { ...STATUS, lastIssuance: { ...ISSUANCE, name: 'c' } },
  },
  {
    name: 'what its Certificates carry',
    change: { carried: [CARRIED] },
    expected: {
      ...STATUS,
      carried: [{ certificate: 'a/c', signerRoot: fingerprint, roots: [fingerprint], since: NOW, issuedAt: NOW }],
    },
  },
]

for (const { name, change, expected } of ROWS) {
  test(`status of an issuer: ${name}`, () => {
    const status = issuerStatus({ ...GOOD, ...change })
    assert.deepEqual(status, expected)
    assert.deepEqual(schema.parse(status), status)
  })
}

test('status of an issuer: what it holds at most, the schema takes', () => {
  const carried = Array.from({ length: 300 }, (_, index) => ({
    ...CARRIED,
    certificate: `a/${index}`,
    issuedAt: TEST_NOW + index * 1000,
  }))
  const status = issuerStatus({ ...GOOD, carried })
  assert.deepEqual(schema.parse(status), status)
  assert.equal(status.carried?.length, 256)
  assert.ok(status.carried?.every(({ certificate }) => Number(certificate.slice(2)) >= 44))
})
