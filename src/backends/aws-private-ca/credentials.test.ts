import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FIRST,
  FIRST_ROLE,
  jwt,
  ROLES,
  refusal,
  SECOND,
  SECOND_ROLE,
  stageWith,
  WEB,
} from '../../testing/aws-credentials.ts'
import { type AwsStage, never } from '../../testing/aws-stage.ts'
import { TEST_NOW } from '../../testing/certificates.ts'
import { TEST_USER } from '../../testing/fakes/acm-pca/world.ts'
import { SigningError } from '../backend.ts'
import type { AwsPrivateCAConfig, AwsRoleConfig } from './config.ts'

const MINUTE_MS = 60_000

/** What was called and by whom, without the CA's own reads. */
function calls({ fake }: AwsStage): readonly (readonly [string, string | undefined, string])[] {
  return fake.journal.entries.map(
    ({ operation, principal, outcome }) => [operation, principal?.split(':').at(-1), outcome] as const,
  )
}

test('roles are assumed one after the other, with external ID, tags and duration', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [FIRST_ROLE, SECOND_ROLE] })
  await backend.check(never)
  assert.deepEqual(calls(stage), [
    ['AssumeRole', 'user/mesh', 'ok'],
    ['AssumeRole', 'assumed-role/first/mesh@x', 'ok'],
    ['DescribeCertificateAuthority', 'assumed-role/second/mesh@x', 'ok'],
    ['GetCertificateAuthorityCertificate', 'assumed-role/second/mesh@x', 'ok'],
  ])
  assert.deepEqual(
    stage.incidents.map(({ what, message }) => [what, message]),
    [
      ['login', `the role ${FIRST} was assumed`],
      ['login', `the role ${SECOND} was assumed`],
    ],
  )
})

test("a ServiceAccount's token is exchanged for the first role", async (context) => {
  const stage = await stageWith(context)
  await stage.open({ ...WEB, roles: [FIRST_ROLE, SECOND_ROLE] }).check(never)
  assert.deepEqual(calls(stage).slice(0, 3), [
    ['AssumeRoleWithWebIdentity', undefined, 'ok'],
    ['AssumeRole', 'assumed-role/first/mesh@x', 'ok'],
    ['DescribeCertificateAuthority', 'assumed-role/second/mesh@x', 'ok'],
  ])
  assert.equal(stage.services.tokens.calls, 1)
})

test('sessions are kept, and renewed before they end', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open(WEB)
  await backend.check(never)
  stage.advance(54 * MINUTE_MS)
  await backend.check(never)
  assert.equal(stage.fake.journal.calls('AssumeRoleWithWebIdentity'), 1)
  stage.services.tokens.token = jwt('system:serviceaccount:mesh:issuer')
  stage.advance(6 * MINUTE_MS)
  const refused = await refusal(() => backend.check(never))
  assert.equal(refused[1], 'credentials-expired', 'the token itself has expired, which is told')
  assert.equal(stage.services.tokens.calls, 2)
})

test('W-A9: a session token goes with the keys of a Secret', async (context) => {
  const session = { ...TEST_USER, accessKeyId: 'ASIATESTSESSION00001', sessionToken: 'test-session-token' }
  const stage = await stageWith(context, { credentials: [session] })
  const { accessKeyId, secretAccessKey, sessionToken } = session
  await stage.open({ credentials: { kind: 'keys', accessKeyId, secretAccessKey, sessionToken } }).check(never)
  const [, code] = await refusal(() =>
    stage.open({ credentials: { kind: 'keys', accessKeyId, secretAccessKey } }).check(never),
  )
  assert.equal(code, 'credentials-unknown')
})

test('a session that AWS calls expired is got anew at once, and the call is made again once', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [FIRST_ROLE] })
  await backend.check(never)
  stage.fake.journal.clear()
  stage.fake.control({ endSessions: true })
  await backend.check(never)
  assert.deepEqual(calls(stage), [
    ['DescribeCertificateAuthority', undefined, 'ExpiredTokenException'],
    ['AssumeRole', 'user/mesh', 'ok'],
    ['DescribeCertificateAuthority', 'assumed-role/first/mesh@x', 'ok'],
  ])
})

test('a chain whose sessions have all ended is got anew as a whole', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [FIRST_ROLE, SECOND_ROLE] })
  await backend.check(never)
  stage.fake.journal.clear()
  stage.fake.control({ endSessions: true })
  await backend.check(never)
  assert.deepEqual(
    calls(stage).map(([operation, , outcome]) => [operation, outcome]),
    [
      ['DescribeCertificateAuthority', 'ExpiredTokenException'],
      ['AssumeRole', 'ExpiredToken'],
      ['AssumeRole', 'ok'],
      ['AssumeRole', 'ok'],
      ['DescribeCertificateAuthority', 'ok'],
    ],
  )
})

test('what AWS does not take twice is told', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [FIRST_ROLE] })
  stage.fake.faults.plan({ fault: { kind: 'expired-token' }, operation: 'DescribeCertificateAuthority', times: 2 })
  const [remedy, code, part] = await refusal(() => backend.check(never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'credentials-expired', 'CredentialsReady'])
  assert.equal(stage.fake.faults.left, 0)
  assert.deepEqual(
    calls(stage).map(([operation]) => operation),
    ['AssumeRole', 'DescribeCertificateAuthority', 'AssumeRole', 'DescribeCertificateAuthority'],
  )
})

test('keys that were given are not tried twice', async (context) => {
  const stage = await stageWith(context, { credentials: [] })
  const [, code, part] = await refusal(() => stage.open().check(never))
  assert.deepEqual([code, part, stage.fake.journal.calls()], ['credentials-unknown', 'CredentialsReady', 1])
})

test('a wrong secret access key is told as such', async (context) => {
  const stage = await stageWith(context, { credentials: [{ ...TEST_USER, secretAccessKey: 'another' }] })
  const [, code, , message] = await refusal(() => stage.open().check(never))
  assert.equal(code, 'signature-refused')
  assert.doesNotMatch(String(message), new RegExp(TEST_USER.secretAccessKey))
})

test('a trust policy that does not let the role be assumed is told, and STS is not asked for each request', async (context) => {
  const stage = await stageWith(context, { roles: [{ arn: FIRST, trust: { principals: [SECOND] } }] })
  const backend = stage.open({ roles: [FIRST_ROLE] })
  const [remedy, code, part] = await refusal(() => backend.check(never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'assume-role-denied', 'CredentialsReady'])
  await refusal(() => backend.check(never))
  assert.equal(stage.fake.journal.calls('AssumeRole'), 1)
  stage.advance(5000)
  await refusal(() => backend.check(never))
  assert.equal(stage.fake.journal.calls('AssumeRole'), 2)
})

test('many who need a session at once make one call', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [FIRST_ROLE] })
  await Promise.all([1, 2, 3, 4].map(() => backend.check(never)))
  assert.equal(stage.fake.journal.calls('AssumeRole'), 1)
})

const UNFIT: readonly { readonly name: string; readonly roles: readonly AwsRoleConfig[]; readonly message: RegExp }[] =
  [
    { name: 'no role', roles: [], message: /name it in awsPrivateCA\.assumeRole$/ },
    { name: 'an external ID', roles: [{ ...FIRST_ROLE, externalID: 'x1' }], message: /neither external ID nor tags/ },
    { name: 'tags', roles: [SECOND_ROLE], message: /neither external ID nor tags/ },
  ]

for (const { name, roles, message } of UNFIT) {
  test(`a token cannot be exchanged with ${name}, which is told before any call`, async (context) => {
    const stage = await stageWith(context)
    const [remedy, code, part, words] = await refusal(async () => stage.open({ ...WEB, roles }))
    assert.deepEqual([remedy, code, part], ['recheck-issuer', 'credentials-unfit', 'CredentialsReady'])
    assert.match(String(words), message)
  })
}

const HOURS: readonly { readonly name: string; readonly change: Partial<AwsPrivateCAConfig> }[] = [
  { name: 'with a token', change: WEB },
  { name: 'with keys', change: {} },
  { name: 'by the environment', change: { credentials: { kind: 'ambient' } } },
]

for (const { name, change } of HOURS) {
  test(`of roles in a chain that begins ${name}, only the first may last longer than an hour`, async (context) => {
    const stage = await stageWith(context)
    const chain = (first: number, second: number): readonly AwsRoleConfig[] => [
      { ...FIRST_ROLE, durationSeconds: first },
      { ...SECOND_ROLE, durationSeconds: second },
    ]
    stage.open({ ...change, roles: chain(43_200, 3600) })
    const [remedy, code, part, words] = await refusal(async () => stage.open({ ...change, roles: chain(900, 3601) }))
    assert.deepEqual([remedy, code, part], ['recheck-issuer', 'credentials-unfit', 'CredentialsReady'])
    assert.equal(
      words,
      `${SECOND} is assumed with the session of the role before it, and AWS ends such a session after an hour: set the duration of that role in awsPrivateCA.assumeRole to 1h at most, or leave it out`,
    )
  })
}

test('a role that is assumed with the session of another for too long is told as such', async (context) => {
  const session = { ...TEST_USER, accessKeyId: 'ASIA0000000000000001', sessionToken: 'token' }
  const role = { arn: 'arn:aws:sts::111122223333:assumed-role/person/x', expiresAt: TEST_NOW + 600_000 }
  const long = ROLES.map((one) => ({ ...one, maxSessionSeconds: 43_200 }))
  const stage = await stageWith(context, { credentials: [{ ...session, ...role }], roles: long })
  const { accessKeyId, secretAccessKey, sessionToken } = session
  const backend = stage.open({
    credentials: { kind: 'keys', accessKeyId, secretAccessKey, sessionToken },
    roles: [{ ...SECOND_ROLE, durationSeconds: 7200 }],
  })
  const [remedy, code, part, words] = await refusal(() => backend.check(never))
  assert.deepEqual([remedy, code, part], ['recheck-issuer', 'session-too-long', 'CredentialsReady'])
  assert.match(
    String(words),
    /role\/second is assumed with the session of another role, .* to 1h at most, or leave it out$/,
  )
})

test('a role that is assumed for longer than it allows is told as such', async (context) => {
  const stage = await stageWith(context)
  const backend = stage.open({ roles: [{ ...SECOND_ROLE, durationSeconds: 7200 }] })
  const [, code, , words] = await refusal(() => backend.check(never))
  assert.equal(code, 'session-too-long')
  assert.match(String(words), /role\/second .* maximum session duration/)
})

test('closing does not wait for credentials on their way that nobody needs any more', {
  timeout: 5000,
}, async (context) => {
  const stage = await stageWith(context)
  stage.fake.faults.plan({ fault: { kind: 'hang' }, operation: 'AssumeRole' })
  const backend = stage.open({ roles: [SECOND_ROLE] })
  const leaving = new AbortController()
  const check = backend.check(leaving.signal)
  while (stage.fake.faults.hanging === 0) await new Promise((resolve) => setImmediate(resolve))
  leaving.abort()
  await assert.rejects(check)
  await backend.close?.()
})

test('what the API server says about the token is told as it is', async (context) => {
  const stage = await stageWith(context)
  const error = new SigningError('recheck-issuer', 'token-forbidden', 'no', { part: 'CredentialsReady' })
  stage.services.tokens.error = error
  await assert.rejects(stage.open(WEB).check(never), error)
})
