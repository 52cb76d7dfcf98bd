import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW } from '../../certificates.ts'
import type { JsonObject } from './input.ts'
import type { AuthorityStatus } from './options.ts'
import { issueInput, refusal, type ServiceWorld, serviceWorld } from './service-world.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { TEST_CA_ARN, testAuthority } from './world.ts'

// The pages of the operations in the API reference, and "Troubleshoot exception messages" of the user guide.

const CA = { CertificateAuthorityArn: TEST_CA_ARN }
const STATUSES: readonly AuthorityStatus[] = [
  'CREATING',
  'PENDING_CERTIFICATE',
  'ACTIVE',
  'DISABLED',
  'EXPIRED',
  'FAILED',
  'DELETED',
]
const HAVE_CERTIFICATE = ['ACTIVE', 'DISABLED', 'EXPIRED']

/** Operation, and the statuses in which it is done. */
const STATES: readonly (readonly [string, readonly string[]])[] = [
  ['IssueCertificate', ['ACTIVE']],
  ['GetCertificate', HAVE_CERTIFICATE],
  ['GetCertificateAuthorityCertificate', HAVE_CERTIFICATE],
  ['GetCertificateAuthorityCsr', HAVE_CERTIFICATE],
  ['RevokeCertificate', HAVE_CERTIFICATE],
  ['DescribeCertificateAuthority', STATUSES],
]

function inputOf(operation: string, world: ServiceWorld): JsonObject {
  if (operation === 'IssueCertificate') return issueInput()
  const { certificateArn = '', serialNumber = '' } = world.parts.journal.minted[0] ?? {}
  return { ...CA, CertificateArn: certificateArn, CertificateSerial: serialNumber, RevocationReason: 'UNSPECIFIED' }
}

describe('an operation is done in these statuses of the CA', () => {
  for (const [operation, done] of STATES) {
    test(operation, () => {
      for (const status of STATUSES) {
        const world = serviceWorld()
        world.issue()
        world.parts.authorities.get(TEST_CA_ARN).setStatus(status)
        const outcome = refusal(() => world.call(operation, inputOf(operation, world)))
        const refused = `InvalidStateException: The certificate authority ${TEST_CA_ARN} is in state ${status}`
        assert.equal(outcome, done.includes(status) ? 'ok' : refused)
      }
    })
  }
})

test('a CA expires by itself', () => {
  const world = serviceWorld()
  assert.equal(world.parts.authorities.get(TEST_CA_ARN).status(STAGE_CA.certificate.notAfter), 'ACTIVE')
  world.setTime(STAGE_CA.certificate.notAfter + 1)
  assert.equal(
    refusal(() => world.issue()),
    `InvalidStateException: The certificate authority ${TEST_CA_ARN} is in state EXPIRED`,
  )
})

test('a certificate is there after the delay, and not before', () => {
  const world = serviceWorld({ issueDelayMs: 1500 })
  const { output } = world.call('IssueCertificate', issueInput())
  const get = () => world.call('GetCertificate', { ...CA, CertificateArn: output.CertificateArn })
  world.setTime(TEST_NOW + 1499)
  assert.equal(refusal(get), 'RequestInProgressException: The request to issue the certificate is still in progress')
  world.setTime(TEST_NOW + 1500)
  assert.equal(get().output.CertificateChain, STAGE_CA.certificatePem + STAGE_ROOT.certificatePem)
})

test('PEM may end without a newline', () => {
  const world = serviceWorld({ finalNewline: false })
  const { output } = world.call('GetCertificateAuthorityCertificate', CA)
  assert.deepEqual(output, {
    Certificate: STAGE_CA.certificatePem.trimEnd(),
    CertificateChain: STAGE_ROOT.certificatePem.trimEnd(),
  })
})

test('a root has no chain, and what it issues has the root alone', () => {
  const world = serviceWorld({ authorities: [testAuthority(STAGE_ROOT)] })
  const { output } = world.call('IssueCertificate', issueInput())
  assert.deepEqual(world.call('GetCertificateAuthorityCertificate', CA).output, {
    Certificate: STAGE_ROOT.certificatePem,
  })
  const { CertificateChain } = world.call('GetCertificate', { ...CA, CertificateArn: output.CertificateArn }).output
  assert.equal(CertificateChain, STAGE_ROOT.certificatePem)
})

test('serial numbers have 16 octets and come from the source that is given', () => {
  const world = serviceWorld({})
  assert.deepEqual(
    [world.issue(), world.issue()].map(({ serialNumber }) => serialNumber),
    ['41000000010000000100000001000000', '42000000020000000200000002000000'],
  )
})

const ELSEWHERE = TEST_CA_ARN.replace('eu-central-1', 'eu-west-1')
const UNKNOWN = TEST_CA_ARN.replace(/.$/, '9')

const NOT_FOUND: readonly (readonly [string, JsonObject, string])[] = [
  [
    'an unknown CA',
    { CertificateAuthorityArn: UNKNOWN },
    `ResourceNotFoundException: Could not find certificate authority ${UNKNOWN}`,
  ],
  [
    'a CA of another region',
    { CertificateAuthorityArn: ELSEWHERE },
    `ResourceNotFoundException: Could not find certificate authority ${ELSEWHERE}`,
  ],
  [
    'an ARN of something else',
    { CertificateAuthorityArn: 'arn:aws:acm-pca:eu-central-1:111122223333:permission/x' },
    'InvalidArnException: Invalid CertificateAuthorityArn: arn:aws:acm-pca:eu-central-1:111122223333:permission/x',
  ],
  [
    'an ARN of another service',
    { CertificateAuthorityArn: 'arn:aws:iam::111122223333:role/x' },
    "ValidationException: 1 validation error detected: Value 'arn:aws:iam::111122223333:role/x' at 'certificateAuthorityArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ^arn:[\\w+=/,.@-]+:acm-pca:[\\w+=/,.@-]*:[0-9]*:[\\w+=,.@-]+(\\/[\\w+=,.@-]+)*$",
  ],
  [
    'no ARN',
    { CertificateAuthorityArn: null },
    "ValidationException: 1 validation error detected: Value null at 'certificateAuthorityArn' failed to satisfy constraint: Member must not be null",
  ],
  [
    'a certificate that does not exist',
    { CertificateArn: `${TEST_CA_ARN}/certificate/01` },
    `ResourceNotFoundException: Could not find certificate ${TEST_CA_ARN}/certificate/01`,
  ],
  [
    'a number for an ARN',
    { CertificateArn: 1 },
    'SerializationException: CertificateArn can not be converted to STRING_VALUE',
  ],
]

describe('GetCertificate finds nothing for', () => {
  const elsewhere = testAuthority(STAGE_CA, [STAGE_ROOT], { arn: ELSEWHERE })
  for (const [title, change, expected] of NOT_FOUND) {
    test(title, () => {
      const world = serviceWorld({ authorities: [testAuthority(STAGE_CA, [STAGE_ROOT]), elsewhere] })
      const { output } = world.call('IssueCertificate', issueInput())
      const input = { ...CA, CertificateArn: output.CertificateArn, ...change }
      assert.equal(
        refusal(() => world.call('GetCertificate', input)),
        expected,
      )
    })
  }
})

test('an ARN has 5 to 200 characters', () => {
  const outcome = (length: number) => {
    const input = { CertificateAuthorityArn: `${TEST_CA_ARN}/`.padEnd(length, 'x').slice(0, length) }
    return refusal(() => serviceWorld().call('DescribeCertificateAuthority', input))
  }
  assert.match(outcome(4), /greater than or equal to 5$/)
  assert.match(outcome(200), /^InvalidArnException/)
  assert.match(outcome(201), /less than or equal to 200$/)
})

test('a certificate is found at its own CA only', () => {
  const other = TEST_CA_ARN.replace(/.$/, '0')
  const authorities = [testAuthority(STAGE_CA, [STAGE_ROOT]), testAuthority(STAGE_CA, [STAGE_ROOT], { arn: other })]
  const world = serviceWorld({ authorities })
  const { CertificateArn } = world.call('IssueCertificate', issueInput()).output
  assert.equal(
    refusal(() => world.call('GetCertificate', { CertificateAuthorityArn: other, CertificateArn })),
    `ResourceNotFoundException: Could not find certificate ${String(CertificateArn)}`,
  )
})

test('a CA issues as many certificates as its quota says', () => {
  const world = serviceWorld({ authorities: [testAuthority(STAGE_CA, [STAGE_ROOT], { certificateQuota: 1 })] })
  world.issue()
  assert.match(
    refusal(() => world.issue()),
    /^LimitExceededException: /,
  )
})

test('the certificate of the CA itself is not revoked', () => {
  const world = serviceWorld()
  const input = { ...CA, CertificateSerial: STAGE_CA.certificate.serialNumber, RevocationReason: 'UNSPECIFIED' }
  assert.match(
    refusal(() => world.call('RevokeCertificate', input)),
    /^InvalidRequestException: /,
  )
})

test('an operation that there is not', () => {
  assert.equal(
    refusal(() => serviceWorld().call('ListCertificates', {})),
    'UnknownOperationException: ',
  )
})
