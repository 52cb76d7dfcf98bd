import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VAULT_PLAIN, type VaultGiven, vaultConfigured, vaultLogin, vaultRefusalOf } from '../testing/vault-specs.ts'

const audience = (...audiences: string[]): VaultGiven => ({
  written: { auth: { kubernetes: vaultLogin({ serviceAccountRef: { name: 'mesh-ca', audiences } }) } },
})

const REFUSED: Readonly<Record<string, readonly [VaultGiven, string, RegExp]>> = {
  http: [
    { written: { server: 'http://vault.example' } },
    'EndpointForbidden',
    /^vault\.server must be an https:\/\/ address$/,
  ],
  'no Secret': [
    { objects: { 'Secret/vault-token': undefined } },
    'SecretNotFound',
    /Secret vault-token does not exist/,
  ],
  'no token in it': [{ objects: { 'Secret/vault-token': {} } }, 'KeyMissing', /no key token/],
  'a token of blanks': [{ objects: { 'Secret/vault-token': { token: ' \n' } } }, 'KeyMissing', /no key token/],
  'no ConfigMap': [{ written: { caBundleConfigMapRef: { name: 'roots' } } }, 'ConfigMapNotFound', /ConfigMap roots/],
  'half a client certificate': [
    { written: { clientCertificateSecretRef: { name: 'client' } }, objects: { 'Secret/client': { 'tls.crt': 'x' } } },
    'KeyMissing',
    /no key tls\.key/,
  ],
}

for (const [name, [given, code, says]] of Object.entries(REFUSED)) {
  test(`Vault refused: ${name}`, () => {
    const [is, message] = vaultRefusalOf(given)
    assert.equal(is, code)
    assert.match(message, says)
  })
}

const OWN = [
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc/',
  'https://kubernetes.default.svc:443',
  'https://kubernetes.default.svc.cluster.local',
  'https://kubernetes.default.svc.corp.internal',
  'https://kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.svc.default',
  'kubernetes',
  'HTTPS://Kubernetes.Default.SVC',
  'k3s',
  ' ',
]

for (const one of OWN) {
  test(`Vault refused: an audience of the API server (${one})`, () => {
    const [code, message] = vaultRefusalOf(audience('vault', one))
    assert.equal(code, 'AudienceForbidden')
    assert.match(message, /serviceAccountRef\.audiences of vault\.auth/)
  })
}

for (const one of [
  'vault',
  'https://vault.kubernetes.default.example',
  'vault://kubernetes',
  'https://kubernetes.example',
]) {
  test(`Vault: an audience of its own (${one})`, () => assert.ok(vaultConfigured(audience(one))))
}

test('Vault: a token is never more than its Secret, and never in a message', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), (token) => {
      const objects = { 'Secret/vault-token': { token } }
      if (token.trim() !== '')
        assert.deepEqual(vaultConfigured({ objects }), {
          ...VAULT_PLAIN,
          auth: { method: 'token', token: token.trim() },
        })
      const [, message] = vaultRefusalOf({ objects, written: { server: 'http://x' } })
      assert.ok(token.trim() === '' || !message.includes(token))
    }),
  )
})
