import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW } from '../../certificates.ts'
import type { WebIdentityTrust } from './options.ts'
import { makeParts } from './parts.ts'
import { refusal } from './service-world.ts'
import { readWebIdentity } from './web-identity.ts'
import { testRandom } from './world.ts'

// Errors of AssumeRoleWithWebIdentity in the STS API reference; "IAM roles for service accounts" of the EKS user guide.

const SUBJECT = 'system:serviceaccount:mesh:issuer'
const CLAIMS = {
  iss: 'https://cluster.example',
  aud: ['sts.amazonaws.com'],
  sub: SUBJECT,
  exp: TEST_NOW / 1000 + 1,
}
const TRUST: WebIdentityTrust = { issuer: 'https://cluster.example', subjects: [SUBJECT] }

function jwt(claims: object): string {
  return ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')
}

const NOT_AUTHORIZED = 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'
const AUDIENCE = 'InvalidIdentityToken: Incorrect token audience'
const EXPIRED = 'ExpiredTokenException: Token expired: current date/time must be before the expiration date/time'
const NO_JWT = 'InvalidIdentityToken: The ID Token provided is not a valid JWT'

const CASES: readonly (readonly [string, object, string])[] = [
  ['as the role trusts it', {}, 'ok'],
  ['its audience alone', { aud: 'sts.amazonaws.com' }, 'ok'],
  ['one audience of several', { aud: ['other', 'sts.amazonaws.com'] }, 'ok'],
  ['another audience', { aud: ['vault'] }, AUDIENCE],
  ['no audience', { aud: undefined }, AUDIENCE],
  [
    'another issuer',
    { iss: 'https://other.example' },
    'InvalidIdentityToken: No OpenIDConnect provider found in your account for the issuer of the token',
  ],
  ['another subject', { sub: 'system:serviceaccount:mesh:other' }, NOT_AUTHORIZED],
  ['ended', { exp: TEST_NOW / 1000 }, EXPIRED],
  ['without an end', { exp: undefined }, EXPIRED],
]

describe('a web identity token', () => {
  for (const [title, change, expected] of CASES) {
    test(title, () => {
      assert.equal(
        refusal(() => readWebIdentity(jwt({ ...CLAIMS, ...change }), TRUST, TEST_NOW)),
        expected,
      )
    })
  }
  test('for a role without trust in tokens', () => {
    assert.equal(
      refusal(() => readWebIdentity(jwt(CLAIMS), undefined, TEST_NOW)),
      NOT_AUTHORIZED,
    )
  })
  test('for a role that asks for another audience', () => {
    assert.equal(
      refusal(() => readWebIdentity(jwt(CLAIMS), { audience: 'mesh' }, TEST_NOW)),
      AUDIENCE,
    )
  })
  test('that is none', () => {
    const read = (token: string) => refusal(() => readWebIdentity(token, TRUST, TEST_NOW))
    assert.equal(read('token'), `${NO_JWT}. (You may see this error if you sent an Access Token)`)
    assert.equal(read(`a.${Buffer.from('[]').toString('base64url')}.b`), NO_JWT)
    assert.equal(read('a.b.c'), NO_JWT)
  })
})

test('the token is exchanged without a signature, and the test may have a say', () => {
  const role = 'arn:aws:iam::111122223333:role/mesh-ca'
  const asked: string[] = []
  const { sts } = makeParts({
    now: () => TEST_NOW,
    random: testRandom(),
    authorities: [],
    roles: [{ arn: role, trust: { webIdentity: {} } }],
    checkWebIdentity: ({ sub }, arn) => {
      asked.push(`${String(sub)} ${arn}`)
      return asked.length === 1 ? undefined : 'not again'
    },
  })
  const fields = new Map([
    ['RoleArn', role],
    ['RoleSessionName', 'mesh'],
    ['WebIdentityToken', jwt(CLAIMS)],
  ])
  const call = () => sts.call({ operation: 'AssumeRoleWithWebIdentity', fields, principal: undefined, now: TEST_NOW })
  const { SubjectFromWebIdentityToken, Audience, Provider } = call()
  assert.deepEqual([SubjectFromWebIdentityToken, Audience, Provider], [SUBJECT, 'sts.amazonaws.com', CLAIMS.iss])
  assert.equal(refusal(call), 'InvalidIdentityToken: not again')
  assert.deepEqual(asked, [`${SUBJECT} ${role}`, `${SUBJECT} ${role}`])
  fields.set('RoleArn', `${role}x`)
  assert.equal(refusal(call), NOT_AUTHORIZED)
})
