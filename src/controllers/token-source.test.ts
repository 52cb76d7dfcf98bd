import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backends/backend.ts'
import { ApiError } from '../cluster/errors.ts'
import { testClient } from '../testing/api-client.ts'
import { TEST_NOW } from '../testing/certificates.ts'
import { tokenSource } from './token-source.ts'

const ACCOUNT = { namespace: 'team', name: 'mesh-ca', audiences: ['sts.amazonaws.com'] }
const never = new AbortController().signal
const now = () => TEST_NOW

test('a token is asked for by name, for its audiences and 600 seconds', async () => {
  const { client, calls } = testClient(() => ({
    status: { token: 'jwt', expirationTimestamp: '2026-11-23T12:10:00Z' },
  }))
  assert.deepEqual(await tokenSource(client, now)(ACCOUNT, never), { token: 'jwt', expiresAt: TEST_NOW + 600_000 })
  assert.equal(calls.length, 1)
  const { signal: _signal, ...call } = calls[0] ?? {}
  assert.deepEqual(call, {
    method: 'POST',
    path: '/api/v1/namespaces/team/serviceaccounts/mesh-ca/token',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['sts.amazonaws.com'], expirationSeconds: 600 },
    },
  })
})

test('an end that cannot be read is the one that was asked for', async () => {
  const { client } = testClient(() => ({ status: { token: 'jwt' } }))
  assert.deepEqual(await tokenSource(client, now)(ACCOUNT, never), { token: 'jwt', expiresAt: TEST_NOW + 600_000 })
})

const ISSUER = 'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c'

/** As an API server makes it; nobody here looks at its signature. */
function jwt(claims: object): string {
  return ['{"alg":"RS256"}', JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
}

for (const [name, aud] of [
  ['a list', ['vault', ISSUER]],
  ['one', ISSUER],
] as const) {
  test(`a token for the API server that made it goes nowhere, whatever that is called: ${name}`, async () => {
    const { client } = testClient(() => ({ status: { token: jwt({ iss: ISSUER, aud }) } }))
    await assert.rejects(tokenSource(client, now)(ACCOUNT, never), (error) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual(
        [error.remedy, error.code, error.part, error.message],
        [
          'recheck-issuer',
          'audience-forbidden',
          'CredentialsReady',
          "an audience of the token of ServiceAccount mesh-ca is the API server's own, so that whoever is shown it could act as the ServiceAccount; name another one in serviceAccountRef.audiences",
        ],
      )
      return true
    })
  })
}

test('a token for others is handed on', async () => {
  const token = jwt({ iss: ISSUER, aud: ['vault', `${ISSUER}/other`] })
  const { client } = testClient(() => ({ status: { token } }))
  assert.equal((await tokenSource(client, now)(ACCOUNT, never)).token, token)
})

const REFUSALS: readonly {
  readonly name: string
  readonly answer: unknown
  readonly expected: readonly [remedy: string, code: string, message: string]
}[] = [
  {
    name: 'no such ServiceAccount',
    answer: new ApiError(404, 'NotFound', 'x'),
    expected: [
      'recheck-issuer',
      'service-account-not-found',
      'the ServiceAccount mesh-ca does not exist in namespace team; create it, or correct its name',
    ],
  },
  {
    name: 'not allowed',
    answer: new ApiError(403, 'Forbidden', 'x'),
    expected: [
      'recheck-issuer',
      'token-forbidden',
      'the controller may not create tokens of ServiceAccount mesh-ca in namespace team; grant its ServiceAccount the verb create on serviceaccounts/token with this resourceName',
    ],
  },
  {
    name: 'the API server is away',
    answer: new ApiError(503, 'Unavailable', 'the API server answered 503'),
    expected: [
      'retry',
      'token-unavailable',
      'no token of ServiceAccount mesh-ca could be had: the API server answered 503',
    ],
  },
  {
    name: 'an answer without a token',
    answer: { status: { token: '' } },
    expected: [
      'retry',
      'token-unavailable',
      "the API server's answer held no token of ServiceAccount mesh-ca in namespace team",
    ],
  },
  {
    name: 'an answer of another shape',
    answer: 'hello',
    expected: [
      'retry',
      'token-unavailable',
      "the API server's answer held no token of ServiceAccount mesh-ca in namespace team",
    ],
  },
]

for (const { name, answer, expected } of REFUSALS) {
  test(`no token: ${name}`, async () => {
    const { client } = testClient(() => {
      if (answer instanceof Error) throw answer
      return answer
    })
    await assert.rejects(tokenSource(client, now)(ACCOUNT, never), (error) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual([error.remedy, error.code, error.message], expected)
      assert.equal(error.part, 'CredentialsReady')
      return true
    })
  })
}

test('any other fault is thrown as it is', async () => {
  const fault = new TypeError('x')
  const { client } = testClient(() => {
    throw fault
  })
  await assert.rejects(tokenSource(client, now)(ACCOUNT, never), fault)
})
