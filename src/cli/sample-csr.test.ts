import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCertificationRequest } from '../pki/csr.ts'
import { sampleCsr } from './sample-csr.ts'

for (const kind of ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'] as const) {
  test(`a request of a fresh ${kind} key, signed by it`, () => {
    const { subject, publicKey } = parseCertificationRequest(sampleCsr([kind], 'mesh-ca check'))
    assert.deepEqual([subject.text, publicKey.kind], ['CN=mesh-ca check', kind])
  })
}

test('of several kinds the quickest is taken, and each time the key is another', () => {
  const [one, other] = [0, 1].map(() => parseCertificationRequest(sampleCsr(['RSA', 'ECDSA-P256'], 'x')).publicKey)
  assert.equal(one?.kind, 'ECDSA-P256')
  assert.notDeepEqual(one?.spki, other?.spki)
})
