import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers'
import { TEST_NOW } from '../../certificates.ts'
import type { RoleOptions } from './options.ts'
import { type Stage, setStage } from './stage.ts'
import { TEST_REGION, TEST_USER } from './world.ts'

// AssumeRole and AssumeRoleWithWebIdentity as @aws-sdk/credential-providers sends them.

const ROLE = 'arn:aws:iam::111122223333:role/mesh-ca'
const NEXT = 'arn:aws:iam::444455556666:role/pki/next'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/mesh-ca/mesh'
const CLUSTER = 'system:serviceaccount:mesh:issuer'
const ROLES: readonly RoleOptions[] = [
  {
    arn: ROLE,
    trust: {
      principals: ['111122223333'],
      externalId: 'mesh/one',
      tags: { cluster: 'one' },
      webIdentity: { subjects: [CLUSTER] },
    },
  },
  { arn: NEXT, trust: { principals: [ROLE] } },
]

async function setRoles(context: TestContext): Promise<Stage & { readonly sts: StsConfig }> {
  const set = await setStage(context, { roles: ROLES })
  return { ...set, sts: { region: TEST_REGION, endpoint: set.fake.stsUrl, maxAttempts: 1 } }
}

type StsConfig = NonNullable<Parameters<typeof fromTemporaryCredentials>[0]['clientConfig']>

const ASSUME = {
  RoleArn: ROLE,
  RoleSessionName: 'mesh',
  ExternalId: 'mesh/one',
  Tags: [{ Key: 'cluster', Value: 'one' }],
}

test('a role is assumed with external ID and tags, and its session signs the call', async (context) => {
  const { fake, sts, client, issue } = await setRoles(context)
  const credentials = fromTemporaryCredentials({ masterCredentials: TEST_USER, params: ASSUME, clientConfig: sts })
  await issue(client({ credentials }))
  assert.deepEqual(
    fake.journal.entries.map(({ operation, principal, outcome }) => [operation, principal, outcome]),
    [
      ['AssumeRole', TEST_USER.arn, 'ok'],
      ['IssueCertificate', SESSION, 'ok'],
    ],
  )
  assert.deepEqual((await credentials()).expiration, new Date(TEST_NOW + 3_600_000))
})

test('a token of a service account is exchanged for a role, from which the next role is assumed', async (context) => {
  const { fake, sts, client, issue } = await setRoles(context)
  const token = jwt({ aud: ['sts.amazonaws.com'], sub: CLUSTER, exp: TEST_NOW / 1000 + 600 })
  const params = { webIdentityToken: token, roleArn: ROLE, roleSessionName: 'mesh', clientConfig: sts }
  const chained = fromTemporaryCredentials({
    masterCredentials: fromWebToken(params),
    params: { RoleArn: NEXT, RoleSessionName: 'next', DurationSeconds: 3600 },
    clientConfig: sts,
  })
  const { accessKeyId = '', sessionToken } = await chained()
  assert.deepEqual(fake.credentials.find(accessKeyId, sessionToken, TEST_NOW).principal, {
    arn: 'arn:aws:sts::444455556666:assumed-role/next/next',
    account: '444455556666',
    accessKeyId,
    session: true,
    permissions: undefined,
  })
  assert.deepEqual(
    fake.journal.entries.map(({ operation, principal, role }) => [operation, principal, role]),
    [
      ['AssumeRoleWithWebIdentity', undefined, ROLE],
      ['AssumeRole', SESSION, NEXT],
    ],
  )
  await assert.rejects(issue(client({ credentials: chained })), { name: 'AccessDeniedException' })
})

test('a session that has ended is told so', async (context) => {
  const { fake, sts, client, issue } = await setRoles(context)
  const credentials = await fromTemporaryCredentials({
    masterCredentials: TEST_USER,
    params: ASSUME,
    clientConfig: sts,
  })()
  fake.control({ endSessions: true })
  await assert.rejects(issue(client({ credentials })), { name: 'ExpiredTokenException' })
})

test('the SDK reads the errors of STS by their names', async (context) => {
  const { sts } = await setRoles(context)
  const assume = (change: object, masterCredentials = TEST_USER) =>
    fromTemporaryCredentials({ masterCredentials, params: { ...ASSUME, ...change }, clientConfig: sts })()
  await assert.rejects(assume({ ExternalId: 'other' }), {
    name: 'AccessDenied',
    message: `User: ${TEST_USER.arn} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
  })
  await assert.rejects(assume({}, { ...TEST_USER, secretAccessKey: 'wrong' }), { name: 'SignatureDoesNotMatch' })
  await assert.rejects(assume({}, { ...TEST_USER, accessKeyId: 'AKIAUNKNOWN' }), { name: 'InvalidClientTokenId' })
  const stale = {
    webIdentityToken: jwt({ aud: 'sts.amazonaws.com', sub: CLUSTER, exp: 1 }),
    roleArn: ROLE,
    clientConfig: sts,
  }
  await assert.rejects(fromWebToken(stale)(), { name: 'ExpiredTokenException' })
})

function jwt(claims: object): string {
  const parts = ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.')
}
