import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW } from '../../certificates.ts'
import type { Principal } from './credentials.ts'
import type { Permission, RoleOptions } from './options.ts'
import { makeParts } from './parts.ts'
import { refusal } from './service-world.ts'
import type { XmlTree } from './sts.ts'
import { TEST_USER, testRandom } from './world.ts'

// AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity of the STS API reference; "IAM JSON policy elements: Principal"
// and "Roles terms and concepts" (role chaining) of the IAM user guide.

const ROLE = 'arn:aws:iam::111122223333:role/mesh-ca'
const PATHED = 'arn:aws:iam::111122223333:role/team/mesh/first'
const FIRST_SESSION: Principal = {
  arn: 'arn:aws:sts::111122223333:assumed-role/first/one',
  account: '111122223333',
  accessKeyId: 'ASIAFIRST',
  session: true,
  permissions: undefined,
}
const USER: Principal = { ...FIRST_SESSION, arn: TEST_USER.arn, accessKeyId: TEST_USER.accessKeyId, session: false }

interface Change {
  readonly role?: Partial<RoleOptions>
  readonly fields?: Readonly<Record<string, string | undefined>>
  readonly principal?: Principal
  readonly permissions?: readonly Permission[]
}

function setUp(role: Partial<RoleOptions> = {}) {
  return makeParts({ now: () => TEST_NOW, random: testRandom(), authorities: [], roles: [{ arn: ROLE, ...role }] })
}

function assume({ role = {}, fields = {}, principal = USER, permissions }: Change): XmlTree {
  const all = { RoleArn: ROLE, RoleSessionName: 'mesh', ...fields }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const caller = { ...principal, ...(permissions && { permissions }) }
  return setUp(role).sts.call({ operation: 'AssumeRole', fields: new Map(given), principal: caller, now: TEST_NOW })
}

const DENIED = `AccessDenied: User: ${TEST_USER.arn} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`
const TAG = { 'Tags.member.1.Key': 'cluster', 'Tags.member.1.Value': 'one' }

function broken(member: string, value: string, constraint: string): string {
  return `ValidationError: 1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ${constraint}`
}

const CASES: readonly (readonly [string, Change, string])[] = [
  ['a role that trusts everybody', {}, 'ok'],
  ['a role that there is not', { fields: { RoleArn: `${ROLE}x` } }, `${DENIED}x`],
  ['trusts the account', { role: { trust: { principals: ['111122223333'] } } }, 'ok'],
  ['trusts the account by its root', { role: { trust: { principals: ['arn:aws:iam::111122223333:root'] } } }, 'ok'],
  ['trusts the user', { role: { trust: { principals: [TEST_USER.arn] } } }, 'ok'],
  ['trusts another account', { role: { trust: { principals: ['444455556666'] } } }, DENIED],
  ['trusts a role, a session of it', { role: { trust: { principals: [PATHED] } }, principal: FIRST_SESSION }, 'ok'],
  [
    'trusts another role',
    { role: { trust: { principals: [ROLE] } }, principal: FIRST_SESSION },
    DENIED.replace(TEST_USER.arn, FIRST_SESSION.arn),
  ],
  ['the external ID', { role: { trust: { externalId: 'one' } }, fields: { ExternalId: 'one' } }, 'ok'],
  ['another external ID', { role: { trust: { externalId: 'one' } }, fields: { ExternalId: 'two' } }, DENIED],
  ['no external ID', { role: { trust: { externalId: 'one' } } }, DENIED],
  ['an external ID that nobody asked for', { fields: { ExternalId: 'two' } }, 'ok'],
  ['the session name', { role: { trust: { sessionName: 'mesh' } } }, 'ok'],
  ['another session name', { role: { trust: { sessionName: 'other' } } }, DENIED],
  ['the tags', { role: { trust: { tags: { cluster: 'one' } } }, fields: TAG }, 'ok'],
  ['other tags', { role: { trust: { tags: { cluster: 'two' } } }, fields: TAG }, DENIED],
  [
    'no permission to assume',
    { permissions: [{ actions: ['IssueCertificate'] }] },
    `${DENIED} because no identity-based policy allows the sts:AssumeRole action`,
  ],
  ['a permission to assume it', { permissions: [{ actions: ['sts:AssumeRole'], resources: [ROLE] }] }, 'ok'],
  ['15 minutes', { fields: { DurationSeconds: '900' } }, 'ok'],
  [
    'less',
    { fields: { DurationSeconds: '899' } },
    broken('durationSeconds', "'899'", 'Member must have value greater than or equal to 900'),
  ],
  [
    'longer than the role says',
    { fields: { DurationSeconds: '3601' } },
    'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ],
  ['as long as the role says', { role: { maxSessionSeconds: 43_200 }, fields: { DurationSeconds: '43200' } }, 'ok'],
  [
    'longer than any role may say',
    { role: { maxSessionSeconds: 43_200 }, fields: { DurationSeconds: '43201' } },
    broken('durationSeconds', "'43201'", 'Member must have value less than or equal to 43200'),
  ],
  ['an hour, from another role', { fields: { DurationSeconds: '3600' }, principal: FIRST_SESSION }, 'ok'],
  [
    'longer, from another role',
    { role: { maxSessionSeconds: 43_200 }, fields: { DurationSeconds: '3601' }, principal: FIRST_SESSION },
    'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  ],
  [
    'no session name',
    { fields: { RoleSessionName: undefined } },
    broken('roleSessionName', 'null', 'Member must not be null'),
  ],
  [
    'a session name with a slash',
    { fields: { RoleSessionName: 'a/b' } },
    broken('roleSessionName', "'a/b'", 'Member must satisfy regular expression pattern: ^[\\w+=,.@-]{2,64}$'),
  ],
  [
    'an external ID of one character',
    { fields: { ExternalId: 'a' } },
    broken('externalId', "'a'", 'Member must satisfy regular expression pattern: ^[\\w+=,.@:/-]{2,1224}$'),
  ],
]

describe('AssumeRole', () => {
  for (const [title, change, expected] of CASES) {
    test(title, () => {
      assert.equal(
        refusal(() => assume(change)),
        expected,
      )
    })
  }
})

test('a session has its own keys, the name of the role without its path, and an end', () => {
  const { sts, credentials } = setUp({ arn: PATHED })
  const fields = new Map([
    ['RoleArn', PATHED],
    ['RoleSessionName', 'mesh'],
    ['DurationSeconds', '900'],
  ])
  const answer = sts.call({ operation: 'AssumeRole', fields, principal: USER, now: TEST_NOW })
  const { AccessKeyId, SecretAccessKey, SessionToken } = Object(answer.Credentials)
  assert.deepEqual(answer.Credentials, {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    Expiration: '2026-11-23T12:15:00Z',
  })
  assert.match(AccessKeyId, /^ASIA[0-9A-F]{16}$/)
  const find = (now: number) => refusal(() => credentials.find(AccessKeyId, SessionToken, now)).split(':')[0]
  assert.deepEqual([find(TEST_NOW + 899_999), find(TEST_NOW + 900_000)], ['ok', 'ExpiredTokenException'])
  const { principal } = credentials.find(AccessKeyId, SessionToken, TEST_NOW)
  assert.equal(principal.arn, 'arn:aws:sts::111122223333:assumed-role/first/mesh')
  assert.equal(sts.call({ operation: 'GetCallerIdentity', fields, principal, now: TEST_NOW }).Arn, principal.arn)
})

test('sessions under way take the permissions that their role is given', () => {
  const { sts, credentials } = setUp()
  const fields = new Map([
    ['RoleArn', ROLE],
    ['RoleSessionName', 'mesh'],
  ])
  const { AccessKeyId, SessionToken } = Object(
    sts.call({ operation: 'AssumeRole', fields, principal: USER, now: TEST_NOW }).Credentials,
  )
  sts.setRole({ arn: ROLE, permissions: [] })
  assert.deepEqual(credentials.find(AccessKeyId, SessionToken, TEST_NOW).principal.permissions, [])
})

test('GetCallerIdentity needs no permission, and a signature', () => {
  const { sts } = setUp()
  const call = { operation: 'GetCallerIdentity', fields: new Map(), now: TEST_NOW }
  assert.deepEqual(sts.call({ ...call, principal: { ...USER, permissions: [] } }), {
    Arn: TEST_USER.arn,
    UserId: 'AIDA7365722F6D657368',
    Account: '111122223333',
  })
  assert.match(
    refusal(() => sts.call({ ...call, principal: undefined })),
    /^MissingAuthenticationToken: /,
  )
  assert.match(
    refusal(() => sts.call({ ...call, operation: 'GetSessionToken', principal: USER })),
    /^InvalidAction: /,
  )
})
