import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountIn, isCertificateArn, isCertificateOf, parseAuthorityArn, templateArn } from './arn.ts'

const ID = '11111111-2222-3333-4444-555555555555'
const ARN = `arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/${ID}`

const ARNS: readonly { readonly text: string; readonly parts: readonly string[] | undefined }[] = [
  { text: ARN, parts: ['aws', 'eu-central-1', '111122223333'] },
  { text: ARN.replace(':aws:', ':aws-cn:'), parts: ['aws-cn', 'eu-central-1', '111122223333'] },
  { text: ARN.replace(':aws:', ':aws-us-gov:'), parts: ['aws-us-gov', 'eu-central-1', '111122223333'] },
  { text: `${ARN}/certificate/00`, parts: undefined },
  { text: ARN.replace('acm-pca', 'acm'), parts: undefined },
  { text: ARN.replace('111122223333', '1'), parts: undefined },
  { text: ` ${ARN}`, parts: undefined },
  { text: '', parts: undefined },
]

for (const { text, parts } of ARNS) {
  test(`the ARN "${text}"`, () => {
    const arn = parseAuthorityArn(text)
    assert.deepEqual(arn && [arn.partition, arn.region, arn.account], parts)
  })
}

test('a template lies in the partition of its CA', () => {
  const arn = parseAuthorityArn(ARN.replace(':aws:', ':aws-cn:'))
  assert.equal(
    arn && templateArn(arn, 'EndEntityCertificate/V1'),
    'arn:aws-cn:acm-pca:::template/EndEntityCertificate/V1',
  )
})

test('W-A12: only a certificate of this CA is one', () => {
  const names = [
    `${ARN}/certificate/0a`,
    `${ARN}/certificate/`,
    `${ARN}/certificate/a/b`,
    `${ARN}/certificate/a b`,
    ARN,
  ]
  const foreign = `${ARN.replace('1111', '2222')}/certificate/0a`
  assert.deepEqual(
    [...names, foreign].map((name) => isCertificateOf(ARN, name)),
    [true, false, false, false, false, false],
  )
})

test('a certificate of any private CA', () => {
  const certificate = `${ARN}/certificate/0a`
  assert.deepEqual(
    [certificate, `${certificate}/certificate/0a`, ARN, `x${certificate}`, 'arn:aws:iam::111122223333:user/a'].map(
      isCertificateArn,
    ),
    [true, false, false, false, false],
  )
})

test('the account of a caller', () => {
  assert.deepEqual(
    [
      'User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized',
      'User: arn:aws-cn:iam::444455556666:user/z',
      `resource ${ARN}`,
    ].map(accountIn),
    ['111122223333', '444455556666', undefined],
  )
})
