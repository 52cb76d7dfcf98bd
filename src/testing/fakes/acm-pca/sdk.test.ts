import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DescribeCertificateAuthorityCommand,
  GetCertificateAuthorityCertificateCommand,
  GetCertificateAuthorityCsrCommand,
  GetCertificateCommand,
  RevokeCertificateCommand,
} from '@aws-sdk/client-acm-pca'
import { parseCertificates } from '../../../pki/certificate.ts'
import { orderChain } from '../../../pki/chain.ts'
import { parseCertificationRequest } from '../../../pki/csr.ts'
import { samePublicKey } from '../../../pki/public-key.ts'
import { TEST_NOW } from '../../certificates.ts'
import { STAGE_CA, STAGE_CSR, STAGE_ROOT, setStage } from './stage.ts'
import { TEST_CA_ARN, TEST_USER } from './world.ts'

// The operations as @aws-sdk/client-acm-pca serialises them; shapes: AWS Private CA API reference.

const CA = { CertificateAuthorityArn: TEST_CA_ARN }

test('a certificate is issued, and fetched with its chain: the certificate is not in it, the root comes last', async (context) => {
  const { fake, client, issue } = await setStage(context)
  const pca = client()
  const CertificateArn = await issue(pca)
  assert.match(CertificateArn, new RegExp(`^${TEST_CA_ARN}/certificate/[0-9a-f]{32}$`))
  const { Certificate = '', CertificateChain = '' } = await pca.send(
    new GetCertificateCommand({ ...CA, CertificateArn }),
  )
  const [certificate, ...chain] = parseCertificates(Certificate + CertificateChain)
  assert.ok(certificate)
  assert.equal(CertificateChain, STAGE_CA.certificatePem + STAGE_ROOT.certificatePem)
  assert.equal(orderChain(certificate, chain).chain.length, 2)
  assert.ok(samePublicKey(certificate.publicKey, STAGE_CSR.csr.publicKey))
  assert.deepEqual(certificate.basicConstraints, { cA: true, pathLength: 1 })
  const [minted, ...more] = fake.journal.mintedFor({ publicKey: STAGE_CSR.privateKey })
  assert.deepEqual(more, [])
  assert.equal(minted?.certificatePem, Certificate)
  assert.equal(minted?.principal, TEST_USER.arn)
  assert.equal(fake.journal.callsPerCertificate, 2)
})

test('DescribeCertificateAuthority tells what the SDK reads', async (context) => {
  const { fake, client } = await setStage(context)
  const { CertificateAuthority: described } = await client().send(new DescribeCertificateAuthorityCommand(CA))
  const { certificate } = STAGE_CA
  assert.deepEqual(described, {
    Arn: TEST_CA_ARN,
    OwnerAccount: '111122223333',
    CreatedAt: new Date(certificate.notBefore),
    LastStateChangeAt: new Date(certificate.notBefore),
    Type: 'SUBORDINATE',
    Serial: certificate.serialNumber,
    Status: 'ACTIVE',
    NotBefore: new Date(certificate.notBefore),
    NotAfter: new Date(certificate.notAfter),
    CertificateAuthorityConfiguration: {
      KeyAlgorithm: 'EC_prime256v1',
      SigningAlgorithm: 'SHA256WITHECDSA',
      Subject: { CommonName: 'Stage CA', Organization: 'Mesh' },
    },
    RevocationConfiguration: { CrlConfiguration: { Enabled: false }, OcspConfiguration: { Enabled: false } },
    KeyStorageSecurityStandard: 'FIPS_140_2_LEVEL_3_OR_HIGHER',
    UsageMode: 'GENERAL_PURPOSE',
  })
  fake.control({ status: { [TEST_CA_ARN]: 'CREATING' } })
  const { CertificateAuthority: made } = await client().send(new DescribeCertificateAuthorityCommand(CA))
  assert.deepEqual([made?.Status, made?.NotAfter, made?.Serial], ['CREATING', undefined, undefined])
})

test("the CA's own certificate comes with the chain above it, and its CSR holds its subject and key", async (context) => {
  const { client } = await setStage(context)
  const pca = client()
  const { Certificate, CertificateChain } = await pca.send(new GetCertificateAuthorityCertificateCommand(CA))
  assert.deepEqual([Certificate, CertificateChain], [STAGE_CA.certificatePem, STAGE_ROOT.certificatePem])
  const { Csr = '' } = await pca.send(new GetCertificateAuthorityCsrCommand(CA))
  const csr = parseCertificationRequest(Csr)
  assert.equal(csr.subject.text, 'CN=Stage CA,O=Mesh')
  assert.ok(samePublicKey(csr.publicKey, STAGE_CA.certificate.publicKey))
})

test('a certificate is revoked once, by its serial number with or without colons', async (context) => {
  const { client, issue } = await setStage(context)
  const pca = client()
  const serial = (await issue(pca)).slice(-32)
  const input = {
    ...CA,
    CertificateSerial: serial.replace(/..(?=.)/g, '$&:').toUpperCase(),
    RevocationReason: 'SUPERSEDED',
  } as const
  await pca.send(new RevokeCertificateCommand(input))
  await assert.rejects(pca.send(new RevokeCertificateCommand({ ...input, CertificateSerial: serial })), {
    name: 'RequestAlreadyProcessedException',
  })
})

test('the SDK reads errors by their names, and takes up throttled calls again', async (context) => {
  const { fake, client, issue } = await setStage(context)
  fake.faults.plan({ fault: { kind: 'limit-exceeded' } })
  await assert.rejects(issue(client()), (error: { readonly name: string; readonly $metadata: object }) => {
    assert.equal(error.name, 'LimitExceededException')
    assert.match(JSON.stringify(error.$metadata), /"httpStatusCode":400,"requestId":"[0-9a-f-]{36}"/)
    return true
  })
  fake.faults.plan({ fault: { kind: 'throttle' } })
  fake.journal.clear()
  await issue(client({ maxAttempts: 2 }))
  assert.deepEqual(
    fake.journal.entries.map(({ outcome }) => outcome),
    ['fault: throttle', 'ok'],
  )
})

test('the SDK corrects its clock by the Date of an answer', async (context) => {
  const { fake, client, issue, setServiceTime } = await setStage(context)
  setServiceTime(TEST_NOW + 3_600_000)
  const pca = client({ maxAttempts: 2 })
  await issue(pca)
  await issue(pca)
  assert.deepEqual(
    fake.journal.entries.map(({ outcome }) => outcome),
    ['InvalidSignatureException', 'ok', 'ok'],
  )
})
