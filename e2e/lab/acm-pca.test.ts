import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ACMPCAClient, DescribeCertificateAuthorityCommand } from '@aws-sdk/client-acm-pca'
import { AWS_REGION, AWS_USER, caArn, installed, startAws } from './acm-pca.ts'
import { createAuthority } from './pki.ts'
import { openWorkspace } from './workspace.ts'

describe('AWS in the lab', { timeout: 30_000 }, () => {
  test('a CA is installed with those above it, the root last', async () => {
    const root = await createAuthority({ commonName: 'Root' })
    const middle = await createAuthority({ commonName: 'Middle', parent: root })
    const lowest = await createAuthority({ commonName: 'Lowest', parent: middle })
    const chains = [root, middle, lowest].map((authority) => installed(caArn(1), authority).chainPem)
    assert.deepEqual(chains, [undefined, root.certificatePem, middle.certificatePem + root.certificatePem])
  })

  test('calls can be waited for, and it ends with its workspace', async (t) => {
    const workspace = await openWorkspace('aws')
    t.after(workspace.stop)
    const authorities = [installed(caArn(1), await createAuthority({ commonName: 'Root' }))]
    const aws = await startAws(workspace, { authorities })
    await assert.rejects(
      aws.until('A call', () => aws.calls().length > 0, 1),
      /^Error: A call was not asked of AWS within 1 ms\.$/,
    )
    const client = new ACMPCAClient({ region: AWS_REGION, endpoint: aws.url, credentials: AWS_USER, maxAttempts: 1 })
    t.after(() => client.destroy())
    const described = client.send(new DescribeCertificateAuthorityCommand({ CertificateAuthorityArn: caArn(1) }))
    await aws.until('A description', () => aws.calls('DescribeCertificateAuthority').length === 1)
    assert.equal((await described).CertificateAuthority?.Status, 'ACTIVE')
    await workspace.stop()
    await assert.rejects(client.send(new DescribeCertificateAuthorityCommand({ CertificateAuthorityArn: caArn(1) })))
  })
})
