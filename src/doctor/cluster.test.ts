import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testIntermediate } from '../testing/certificates.ts'
import { cacertsData, DOCTOR_ROOT, read, testCertificateFacts, testReadyIssuer } from '../testing/doctor-facts.ts'
import { examined } from '../testing/doctor-rows.ts'

test('a cluster that is set up right has no findings', () => {
  assert.deepEqual(examined({}), [])
})

test('problems come before warnings', () => {
  const certificates = read([testCertificateFacts({ spec: { isCA: false, privateKey: { rotationPolicy: 'Never' } } })])
  const requests = { state: 'forbidden', right: 'list requests' } as const
  assert.deepEqual(
    examined({ certificates, requests, certManager: { state: 'absent' } }).map(({ code }) => code),
    ['CertManagerMissing', 'IsCAMissing', 'KeyNeverChanges', 'RightMissing'],
  )
})

test('the mesh that the issuer knows is the one that its CA is judged for', () => {
  const spec = { mesh: { trustDomain: 'example.org' } }
  const permitted = { dnsDomains: [], uriDomains: ['cluster.local'], ipRanges: [], emailAddresses: [] }
  const excluded = { ...permitted, uriDomains: [] }
  const ca = testIntermediate(DOCTOR_ROOT, { nameConstraints: { critical: true, permitted, excluded } })
  const cacerts = read({ type: 'kubernetes.io/tls', data: cacertsData(ca, DOCTOR_ROOT) })
  const issuers = { MeshCAIssuer: read([testReadyIssuer({ spec })]), MeshCAClusterIssuer: read([]) }
  const codes = (...facts: Parameters<typeof examined>) => examined(...facts).map(({ code }) => code)
  assert.deepEqual(codes({ cacerts }), ['ZtunnelRefuses'])
  assert.deepEqual(codes({ cacerts, issuers }), ['WorkloadRefused', 'ZtunnelRefuses'])
})
