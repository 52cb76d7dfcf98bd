import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsRequest, awsStage, never, signed } from '../../testing/aws-stage.ts'

test('a certificate is ordered and collected with two calls', async (context) => {
  const stage = await awsStage(context)
  const backend = stage.open()
  const authority = await backend.check(never)
  assert.equal(authority.certificate.subject.text, 'CN=AWS CA,O=Mesh')
  const { chain } = await signed(stage, backend, awsRequest())
  assert.equal(chain[0]?.subject.text, 'CN=istiod-ca,O=Mesh')
  assert.deepEqual(
    stage.fake.journal.entries.map(({ operation }) => operation),
    ['DescribeCertificateAuthority', 'GetCertificateAuthorityCertificate', 'IssueCertificate', 'GetCertificate'],
  )
})
