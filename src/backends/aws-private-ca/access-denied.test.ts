import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTEXT, refused } from '../../testing/aws-failures.ts'
import { TEST_CA_ARN } from '../../testing/fakes/acm-pca/world.ts'
import { pcaError } from './errors.ts'
import { readFailure } from './failure.ts'
import { stsError } from './sts-errors.ts'

const CREDENTIALS = 'CredentialsReady'

const OWN = 'User: arn:aws:iam::111122223333:user/mesh is not authorized'
const FOREIGN = 'User: arn:aws:sts::444455556666:assumed-role/mesh/x is not authorized'
const ISSUING = `acm-pca:IssueCertificate on ${TEST_CA_ARN} with template`
const LET = "is not allowed: let an IAM policy of the issuer's credentials allow it"

const DENIALS: readonly {
  readonly name: string
  readonly words: string
  readonly template: string
  readonly message: string
}[] = [
  {
    name: 'own account',
    words: OWN,
    template: 'SubordinateCACertificate_PathLen0/V1',
    message: `${ISSUING} SubordinateCACertificate_PathLen0/V1 ${LET}`,
  },
  {
    name: 'another account, a mesh CA',
    words: FOREIGN,
    template: 'SubordinateCACertificate_PathLen0/V1',
    message: `${ISSUING} SubordinateCACertificate_PathLen0/V1 ${LET}; and since the caller is of account 444455556666, share the CA from account 111122223333 through AWS RAM with the permission AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority`,
  },
  {
    name: 'another account, an end entity',
    words: FOREIGN,
    template: 'EndEntityCertificate/V1',
    message: `${ISSUING} EndEntityCertificate/V1 ${LET}; and since the caller is of account 444455556666, share the CA from account 111122223333 through AWS RAM with the permission AWSRAMDefaultPermissionCertificateAuthority`,
  },
  {
    name: 'another account, a template that no managed permission has',
    words: FOREIGN,
    template: 'SubordinateCACertificate_PathLen1/V1',
    message: `${ISSUING} SubordinateCACertificate_PathLen1/V1 ${LET}; and since the caller is of account 444455556666, share the CA from account 111122223333 through AWS RAM with a customer managed permission for this template, since no managed one has it`,
  },
  {
    name: 'a caller that AWS does not name',
    words: 'no',
    template: 'EndEntityCertificate/V1',
    message: `${ISSUING} EndEntityCertificate/V1 ${LET}; and if that is another account, share the CA from account 111122223333 through AWS RAM with the permission AWSRAMDefaultPermissionCertificateAuthority`,
  },
]

for (const { name, words, template, message } of DENIALS) {
  test(`access denied: ${name}`, () => {
    const error = pcaError(refused('AccessDenied', words), { ...CONTEXT, template })
    assert.deepEqual([error.remedy, error.code, error.part], ['recheck-issuer', 'access-denied', CREDENTIALS])
    assert.equal(error.message, message)
  })
}

test('access denied: a read needs no template', () => {
  const { template: _, ...context } = CONTEXT
  const error = pcaError(refused('AccessDenied', FOREIGN), { ...context, action: 'DescribeCertificateAuthority' })
  assert.equal(
    error.message,
    `acm-pca:DescribeCertificateAuthority on ${TEST_CA_ARN} ${LET}; and since the caller is of account 444455556666, share the CA from account 111122223333 through AWS RAM with any permission for private CAs`,
  )
})

const ABOVE: readonly { readonly words: string; readonly why: string }[] = [
  {
    words: 'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/x/p-1',
    why: 'a service control policy of the AWS organization is in the way; let it allow that',
  },
  {
    words: 'because no service control policy allows the acm-pca:IssueCertificate action',
    why: 'a service control policy of the AWS organization is in the way; let it allow that',
  },
  {
    words: 'with an explicit deny in a resource control policy',
    why: 'a resource control policy of the AWS organization is in the way; let it allow that',
  },
  {
    words: 'because no VPC endpoint policy allows the acm-pca:IssueCertificate action',
    why: 'the policy of the VPC endpoint that the call goes through is in the way; let it allow that',
  },
  {
    words: 'because no permissions boundary allows the acm-pca:IssueCertificate action',
    why: 'the permissions boundary of the role or user is in the way; let it allow that',
  },
  {
    words: 'with an explicit deny in a session policy',
    why: 'the session policy that the credentials were made with is in the way; let it allow that',
  },
  {
    words: 'with an explicit deny in an identity-based policy',
    why: 'a policy denies it explicitly; take that statement out',
  },
]

for (const { words, why } of ABOVE) {
  test(`access denied ${words}: that is said, and no policy that would change nothing`, () => {
    const session = `arn:aws:sts::444455556666:assumed-role/${'r'.repeat(64)}/${'s'.repeat(64)}`
    const said = `User: ${session} is not authorized to perform: acm-pca:IssueCertificate on resource: ${TEST_CA_ARN} ${words}`
    const failure = readFailure(
      Object.assign(new Error(said), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }),
    )
    const error = pcaError(failure, CONTEXT)
    assert.equal(error.code, 'access-denied')
    assert.equal(error.message, `${ISSUING} SubordinateCACertificate_PathLen0/V1 is not allowed: ${why}`)
    const assuming = stsError(failure, { action: 'AssumeRole', roleARN: 'R', region: '', endpoint: undefined })
    assert.equal(assuming.code, 'assume-role-denied')
    assert.equal(assuming.message, `sts:AssumeRole for R is not allowed: ${why}`)
  })
}
