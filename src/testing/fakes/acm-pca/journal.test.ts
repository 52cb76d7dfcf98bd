import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { testCsr } from '../../certificates.ts'
import { Journal } from './journal.ts'
import { serviceWorld } from './service-world.ts'
import { TEST_CA_ARN, TEST_USER } from './world.ts'

test('certificates are found by their CSR, their key and their CA', () => {
  const world = serviceWorld()
  const [one, two] = [testCsr({ subject: 'CN=one' }), testCsr({ subject: 'CN=two' })]
  for (const { csrPem } of [one, one, two]) world.issue({ csrPem, template: 'EndEntityCertificate/V1' })
  const { journal } = world.parts
  const again = testCsr({ subject: 'CN=again', key: one.privateKey })
  world.issue({ csrPem: again.csrPem, IdempotencyToken: 'token' })
  const found = [
    journal.mintedFor({ csrPem: one.csrPem }),
    journal.mintedFor({ publicKey: one.privateKey }),
    journal.mintedFor({ publicKey: createPublicKey(two.privateKey) }),
    journal.mintedFor({ csrPem: one.csrPem, authority: 'other' }),
    journal.mintedFor({}),
  ]
  assert.deepEqual(
    found.map(({ length }) => length),
    [2, 3, 1, 0, 4],
  )
  const [minted] = journal.mintedFor({ csrPem: again.csrPem })
  const { certificateArn, serialNumber, certificatePem, csr, publicKey, ...rest } =
    minted ?? journal.minted[0] ?? assert.fail()
  assert.deepEqual(rest, {
    authority: TEST_CA_ARN,
    at: Date.UTC(2026, 10, 23, 12),
    principal: TEST_USER.arn,
    template: 'EndEntityCertificate/V1',
    token: 'token',
  })
  assert.equal(certificateArn, `${TEST_CA_ARN}/certificate/${serialNumber}`)
  assert.match(
    `${certificatePem}${csr}${publicKey}`,
    /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n[0-9a-f]{128}$/,
  )
})

test('calls, repeats and collisions are counted', () => {
  const journal = new Journal()
  const call = { at: 0, service: 'acm-pca', operation: 'IssueCertificate', outcome: 'ok' } as const
  journal.note(call)
  journal.note({ ...call, repeat: true })
  journal.note({ ...call, repeat: true, tokenCollision: true })
  journal.note({ ...call, service: 'sts', operation: 'AssumeRole' })
  assert.deepEqual([journal.calls(), journal.calls('IssueCertificate'), journal.calls('GetCertificate')], [4, 3, 0])
  assert.deepEqual(journal.summary(), {
    minted: 0,
    calls: 4,
    operations: { IssueCertificate: 3, AssumeRole: 1 },
    tokenRepeats: 2,
    tokenCollisions: 1,
  })
  journal.clear()
  assert.deepEqual([journal.calls(), journal.entries], [0, []])
})

test('a listener is told of each call that is in the journal, until it stops', () => {
  const journal = new Journal()
  const told: number[] = []
  const stop = journal.listen(({ at }) => told.push(at, journal.calls()))
  const call = { service: 'acm-pca', operation: 'IssueCertificate', outcome: 'ok' } as const
  journal.note({ ...call, at: 5 })
  stop()
  journal.note({ ...call, at: 6 })
  assert.deepEqual(told, [5, 1])
})
