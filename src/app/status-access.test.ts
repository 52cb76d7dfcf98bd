import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../cluster/errors.ts'
import { testClient } from '../testing/api-client.ts'
import { tokenReviewer } from './status-access.ts'

const USER = { username: 'reader', uid: '1', groups: ['g'], extra: { scope: ['a'] } }

const ROWS: readonly {
  readonly name: string
  readonly review: unknown
  readonly access?: unknown
  readonly expected: string
}[] = [
  {
    name: 'known and allowed',
    review: { status: { authenticated: true, user: USER } },
    access: { status: { allowed: true } },
    expected: 'allowed',
  },
  {
    name: 'known and not allowed',
    review: { status: { authenticated: true, user: USER } },
    access: { status: { allowed: false, denied: true } },
    expected: 'forbidden',
  },
  {
    name: 'an answer that says nothing',
    review: { status: { authenticated: true, user: USER } },
    access: { status: {} },
    expected: 'forbidden',
  },
  { name: 'not known', review: { status: { user: {} } }, expected: 'unknown' },
  { name: 'refused with a name', review: { status: { authenticated: false, user: USER } }, expected: 'unknown' },
  { name: 'a word for true', review: { status: { authenticated: 'true', user: USER } }, expected: 'unknown' },
  { name: 'nobody', review: { status: { authenticated: true } }, expected: 'unknown' },
  { name: 'nameless', review: { status: { authenticated: true, user: { username: '' } } }, expected: 'unknown' },
]

for (const { name, review, access, expected } of ROWS) {
  test(`a token: ${name}`, async () => {
    const { client, calls } = testClient(({ path }) => (path.endsWith('/tokenreviews') ? review : access))
    assert.equal(await tokenReviewer(client)('t-1'), expected)
    const sent = calls.map(({ method, path, body }) => ({ method, path, body }))
    const asked = {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 't-1' } },
    }
    const { username, ...rest } = USER
    const allowed = {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: username, ...rest, nonResourceAttributes: { path: '/status', verb: 'get' } },
      },
    }
    assert.deepEqual(sent, access === undefined ? [asked] : [asked, allowed])
  })
}

test('an answer without a status, and none at all, are errors', async () => {
  for (const answer of [{}, null, 'x', { status: 'Failure' }])
    await assert.rejects(tokenReviewer(testClient(() => answer).client)('t'), { reason: 'Unreadable' })
  const refused = new ApiError(403, 'Forbidden', 'tokenreviews is forbidden')
  const { client } = testClient(() => {
    throw refused
  })
  await assert.rejects(tokenReviewer(client)('t'), refused)
})
