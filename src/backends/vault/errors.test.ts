import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import {
  ASKED_TO_LOG_IN,
  ASKED_TO_SIGN,
  answered,
  FAILING,
  type FailureExpected,
  testFailures,
} from '../../testing/vault-failures.ts'
import type { VaultConfig } from './config.ts'
import { explain } from './errors.ts'
import { refusal } from './failure.ts'

const SIGNING: Readonly<Record<string, FailureExpected>> = {
  'a standby that redirects': [answered(307), 'retry', 'server-standby', undefined, /no token is sent elsewhere/],
  'a broken CSR': [answered(400, 'csr contains no data'), 'give-up', 'csr-refused', undefined, /make another one/],
  'a role that is missing': [
    answered(400, 'unknown role: leaf'),
    'recheck-issuer',
    'role-not-found',
    'AuthorityReady',
    /has no role leaf/,
  ],
  'a CA that ends first': [
    answered(
      400,
      'cannot satisfy request, as TTL would result in notAfter of 2037-03-01T01:18:59Z that is beyond the expiration of the CA certificate at 2036-01-09T09:12:08Z',
    ),
    'recheck-issuer',
    'authority-ends-first',
    undefined,
    /renew the CA$/,
  ],
  'a refusal that is not known': [
    answered(400, 'something else'),
    'recheck-issuer',
    'request-refused',
    undefined,
    /audit log/,
  ],
  'no permission': [
    answered(403, '1 error occurred:\n\t* permission denied\n\n'),
    'recheck-issuer',
    'permission-denied',
    'CredentialsReady',
    /add to its policy: path "pki\/issuer\/mesh\/sign-intermediate" \{ capabilities = \["update"\] \}$/,
  ],
  'no such mount': [
    answered(404, 'no handler for route "pki/x". route entry not found.'),
    'recheck-issuer',
    'issuer-not-found',
    'AuthorityReady',
    /no PKI secrets engine at pki/,
  ],
  'an engine without issuers': [
    answered(404, '1 error occurred:\n\t* unsupported path\n\n'),
    'recheck-issuer',
    'engine-unfit',
    'AuthorityReady',
    /Vault 1\.11/,
  ],
  'another engine': [answered(405), 'recheck-issuer', 'issuer-not-found', 'AuthorityReady', /correct vault\.mount/],
  'no such namespace': [
    answered(404, 'namespace not found'),
    'recheck-issuer',
    'namespace-not-found',
    'CredentialsReady',
    /no namespace \(root\)/,
  ],
  'a node that is behind': [answered(412), 'retry', 'server-behind', undefined, /not caught up/],
  'a disaster recovery secondary': [answered(472), 'retry', 'server-standby', undefined, /standby/],
  'a performance standby': [answered(473), 'retry', 'server-standby', undefined, /standby/],
  'no such issuer, which is no passing 500': [
    answered(
      500,
      '1 error occurred:\n\t* could not fetch the CA certificate (was one set?): unable to find PKI issuer for reference: mesh\n\n',
    ),
    'recheck-issuer',
    'issuer-not-found',
    'AuthorityReady',
    /has no issuer mesh/,
  ],
  'no default issuer': [
    answered(500, 'no default issuer currently configured'),
    'recheck-issuer',
    'issuer-not-found',
    'AuthorityReady',
    /has no issuer/,
  ],
  'an issuer that may not sign': [
    answered(
      500,
      '1 error occurred:\n\t* error fetching CA certificate: requested usage issuing-certificates for issuer x but only had usage read-only',
    ),
    'recheck-issuer',
    'issuer-usage-missing',
    'AuthorityReady',
    /issuing-certificates/,
  ],
  'a signature that the server itself refuses': [
    answered(500, '1 error occurred:\n\t* verification of parsed bundle failed: x'),
    'recheck-issuer',
    'signature-refused',
    undefined,
    /may have ended/,
  ],
  'a key that is too short': [
    answered(400, "role requires a minimum of a 2048-bit key, but CSR's key is 1024 bits"),
    'give-up',
    'csr-refused',
    undefined,
    /another kind or size$/,
  ],
  'a CA that has only just begun': [
    answered(400, "notBefore before signer's notBefore"),
    'retry',
    'authority-young',
    undefined,
    /begins after the certificate would; it is tried again$/,
  ],
  'a CSR that says CA:TRUE, to the Vault that takes none': [
    answered(400, 'refusing to accept CSR with Basic Constraints extension setting isCA=true'),
    'recheck-issuer',
    'basic-constraints-refused',
    undefined,
    /as Vault 1\.21\.2 does; update the server, or make a CSR without basic constraints$/,
  ],
  'any other 500': [answered(500, 'internal error'), 'retry', 'server-error', undefined, /could not answer \(500\)/],
  'a gateway': [answered(502), 'retry', 'server-error', undefined, /\(502\)/],
  'a sealed server': [answered(503, 'Vault is sealed'), 'retry', 'server-sealed', undefined, /unseal it$/],
  'a server that is away': [answered(503), 'retry', 'server-error', undefined, /\(503\)/],
  'an answer that fits nothing': [answered(418), 'retry', 'answer-unexpected', undefined, /\(418\)$/],
}

const LOGINS: Readonly<Record<string, FailureExpected>> = {
  'a wrong secret ID': [
    answered(400, 'invalid role or secret ID'),
    'recheck-issuer',
    'login-refused',
    'CredentialsReady',
    /with an AppRole at auth\/approle; .*secret ID/,
  ],
  'no such mount, which looks like a refusal': [
    answered(403, 'permission denied'),
    'recheck-issuer',
    'login-refused',
    'CredentialsReady',
    /check the mount/,
  ],
  'no such path': [
    answered(404),
    'recheck-issuer',
    'login-not-found',
    'CredentialsReady',
    /no auth method at auth\/approle; enable it/,
  ],
  'a sealed server': [answered(503, 'Vault is sealed'), 'retry', 'server-sealed', undefined, /unseal it$/],
  'a namespace that is missing': [
    answered(404, 'namespace not found'),
    'recheck-issuer',
    'namespace-not-found',
    'CredentialsReady',
    /vault\.namespace$/,
  ],
}

testFailures(ASKED_TO_SIGN, SIGNING)
testFailures(ASKED_TO_LOG_IN, LOGINS)

test('W-V3: no refusal of a server that is failing over is final', () => {
  for (const status of [0, 307, 400, 403, 404, 412, 429, 472, 473, 500, 502, 503, 504]) {
    assert.notEqual(explain(answered(status), ASKED_TO_SIGN).remedy, 'give-up', String(status))
  }
})

test('a server that asks for patience is given it, within limits', () => {
  for (const [header, expected] of [
    ['7', 7000],
    ['99999999', 300_000],
    ['Tue, 24 Nov 2026 01:20:26 GMT', undefined],
    [undefined, undefined],
  ] as const) {
    const error = explain(refusal(429, undefined, header), ASKED_TO_SIGN)
    assert.deepEqual([error.remedy, error.code, error.retryAfterMs], ['retry', 'throttled', expected])
  }
})

const METHODS: Readonly<Record<string, readonly [VaultConfig['auth'], RegExp]>> = {
  token: [{ method: 'token', token: 'secret-value' }, /with the token of its Secret; .*put a new one/],
  kubernetes: [
    {
      method: 'kubernetes',
      mount: 'k',
      role: 'r',
      account: { namespace: 'n', name: 'sa', audiences: ['vault://n/i'] },
    },
    /as role r at auth\/k with ServiceAccount n\/sa; .*audience vault:\/\/n\/i$/,
  ],
  certificate: [
    { method: 'certificate', mount: 'cert', clientCertificate: { certificates: 'c', privateKey: 'secret-value' } },
    /with a certificate at auth\/cert; .*trusts this client certificate$/,
  ],
}

for (const [name, [auth, says]] of Object.entries(METHODS)) {
  test(`a refused login says what to look at: ${name}`, () => {
    const { message } = explain(answered(400), { ...ASKED_TO_LOG_IN, config: { ...FAILING, auth } })
    assert.match(message, says)
    assert.doesNotMatch(message, /secret-value/)
  })
}

test('no text of an answer is ever told', () => {
  const marked = fc.string({ minLength: 1 }).map((text) => `<<${text}>>`)
  fc.assert(
    fc.property(
      fc.integer({ min: 300, max: 599 }),
      fc.array(marked),
      fc.constantFrom(ASKED_TO_SIGN, ASKED_TO_LOG_IN),
      (status, texts, asked) => {
        const { message } = explain(answered(status, ...texts), asked)
        assert.ok(
          texts.every((text) => !message.includes(text)),
          inspect(message),
        )
      },
    ),
  )
})
