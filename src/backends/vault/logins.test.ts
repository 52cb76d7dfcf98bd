import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testLeaf } from '../../testing/certificates.ts'
import {
  LOGIN_MS,
  never,
  VAULT_APP_ROLE,
  VAULT_CA,
  VAULT_RIGHTS,
  VAULT_TOKEN,
  type VaultStage,
  vaultRequest,
  vaultStage,
} from '../../testing/vault-stage.ts'
import { SigningError } from '../backend.ts'
import type { VaultAuthConfig } from './config.ts'

const ACCOUNT = { namespace: 'istio-system', name: 'mesh-ca', audiences: ['vault://istio-system/mesh'] }
const CLIENT = testLeaf(VAULT_CA, { subject: 'CN=client' })
const clientCertificate = { certificates: CLIENT.certificatePem, privateKey: CLIENT.privateKeyPem }

const METHODS: Readonly<Record<string, readonly [auth: VaultAuthConfig, call: string, body: object, said: string]>> = {
  AppRole: [
    VAULT_APP_ROLE,
    'POST auth/approle/login',
    { role_id: 'role', secret_id: 'secret-id' },
    'logged in with an AppRole at auth/approle',
  ],
  Kubernetes: [
    { method: 'kubernetes', mount: 'k8s/one', role: 'mesh', account: ACCOUNT },
    'POST auth/k8s/one/login',
    { role: 'mesh', jwt: 'service-account-token' },
    'logged in as role mesh at auth/k8s/one with ServiceAccount istio-system/mesh-ca',
  ],
  JWT: [
    { method: 'jwt', mount: 'jwt', role: 'mesh', account: ACCOUNT },
    'POST auth/jwt/login',
    { role: 'mesh', jwt: 'service-account-token' },
    'logged in as role mesh at auth/jwt with ServiceAccount istio-system/mesh-ca',
  ],
  'a certificate': [
    { method: 'certificate', mount: 'cert', clientCertificate },
    'POST auth/cert/login',
    {},
    'logged in with a certificate at auth/cert',
  ],
  'a certificate role': [
    { method: 'certificate', mount: 'cert', name: 'mesh', clientCertificate },
    'POST auth/cert/login',
    { name: 'mesh' },
    'logged in with a certificate at auth/cert',
  ],
}

for (const [name, [auth, call, body, said]] of Object.entries(METHODS)) {
  test(`a login with ${name}`, async (context) => {
    const stage = await vaultStage(context)
    const path = call.slice('POST '.length)
    stage.fake.access.logins.push({ path, accepts: () => true, rights: VAULT_RIGHTS, ttl: 60 })
    const backend = stage.open({ auth })
    await backend.check(never)
    const [first, ...rest] = stage.fake.calls
    assert.deepEqual([first?.call, first?.body, first?.headers['x-vault-token']], [call, body, undefined])
    assert.ok(rest.every(({ headers }) => headers['x-vault-token'] === 's.login-0'))
    assert.deepEqual(stage.incidents, [{ backend: 'Vault', what: 'login', message: said }])
    assert.deepEqual(stage.serviceAccount.asked, 'account' in auth ? [ACCOUNT] : [])
  })
}

test('a token of a ServiceAccount is asked for anew at each login', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.logins.push({ path: 'auth/jwt/login', accepts: () => true, rights: VAULT_RIGHTS, ttl: 60 })
  const backend = stage.open({ auth: { method: 'jwt', mount: 'jwt', role: 'mesh', account: ACCOUNT } })
  await backend.check(never)
  stage.advance(LOGIN_MS)
  await backend.check(never)
  assert.equal(stage.serviceAccount.asked.length, 2)
})

test('why there is no token of a ServiceAccount is told as it is', async (context) => {
  const stage = await vaultStage(context)
  const error = new SigningError('recheck-issuer', 'token-forbidden', 'it may not', { part: 'CredentialsReady' })
  stage.serviceAccount.error = error
  const backend = stage.open({ auth: { method: 'kubernetes', mount: 'k8s', role: 'mesh', account: ACCOUNT } })
  await assert.rejects(backend.check(never), error)
  assert.equal(stage.fake.calls.length, 0)
})

type Spoiled = readonly [spoil: (stage: VaultStage) => void, code: string, says: RegExp, auth?: VaultAuthConfig]

const INVALID = '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'

const REFUSED: Readonly<Record<string, Spoiled>> = {
  'a wrong secret ID': [
    () => undefined,
    'login-refused',
    /refused the login with an AppRole at auth\/approle/,
    { ...VAULT_APP_ROLE, secretID: 'wrong' },
  ],
  'a second factor': [
    ({ fake }) =>
      fake.fail(/login$/, { kind: 'answer', answer: { status: 200, body: { auth: { client_token: '' } } } }),
    'login-refused',
    /second factor/,
    VAULT_APP_ROLE,
  ],
  'a token that is not valid': [
    ({ fake }) => fake.access.tokens.clear(),
    'login-refused',
    /refused the login with the token of its Secret; it is not valid, or has ended/,
  ],
  'a token that is not valid, in the words of Vault 1.21': [
    ({ fake }) => fake.fail(/lookup-self$/, { kind: 'answer', answer: { status: 403, body: { errors: [INVALID] } } }),
    'login-refused',
    /refused the login with the token of its Secret; it is not valid, or has ended/,
  ],
}

for (const [name, [spoil, code, says, auth]] of Object.entries(REFUSED)) {
  test(`a login is refused: ${name}`, async (context) => {
    const stage = await vaultStage(context)
    spoil(stage)
    const backend = stage.open(auth === undefined ? {} : { auth })
    await assert.rejects(backend.check(never), (error: unknown) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual([error.remedy, error.code, error.part], ['recheck-issuer', code, 'CredentialsReady'])
      assert.match(error.message, says)
      assert.doesNotMatch(error.message, /secret-id|wrong|token-of-the-tests/)
      return true
    })
  })
}

test('a batch token is neither renewed nor given back', async (context) => {
  const stage = await vaultStage(context)
  const batch = {
    path: 'auth/batch/login',
    accepts: () => true,
    rights: VAULT_RIGHTS,
    ttl: 60,
    renewable: false,
    batch: true,
  }
  stage.fake.access.logins.push(batch)
  const backend = stage.open({ auth: { ...VAULT_APP_ROLE, mount: 'batch' } })
  await backend.check(never)
  stage.advance((LOGIN_MS * 2) / 3)
  await backend.sign(vaultRequest(), never)
  while (stage.count(/batch\/login$/) < 2) await backend.sign(vaultRequest(), never)
  await backend.close?.()
  assert.equal(stage.count(/renew-self$|revoke-self$/), 0)
})

test('a token of the Secret is renewed at once, and for as long as it can be', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.add({ token: 'periodic', rights: VAULT_RIGHTS, ttl: 60, renewable: true })
  const backend = stage.open({ auth: { method: 'token', token: 'periodic' } })
  for (let turn = 0; turn < 5; turn += 1) {
    await backend.check(never)
    stage.advance(30_000)
  }
  await backend.close?.()
  assert.ok(stage.count(/renew-self$/) >= 3)
  assert.equal(stage.count(/revoke-self$/), 0)
})

test('a renewal that is refused is tried again later: the server may be between two active nodes', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.add({ token: 'periodic', rights: VAULT_RIGHTS, ttl: 60, renewable: true })
  stage.fake.fail(/renew-self$/, { kind: 'answer', answer: { status: 400, body: { errors: ['invalid lease ID'] } } }, 9)
  const backend = stage.open({ auth: { method: 'token', token: 'periodic' } })
  const renewals = []
  for (const ms of [0, 0, 10_000, 20_000]) {
    stage.advance(ms)
    await backend.check(never)
    renewals.push(stage.count(/renew-self$/))
  }
  assert.deepEqual(renewals, [1, 1, 1, 2])
})

test('a token that may not look at itself is used all the same, and what it lacks is told', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.add({ token: 'bare', rights: VAULT_RIGHTS, bare: true })
  const backend = stage.open({ auth: { method: 'token', token: 'bare' } })
  await assert.rejects(backend.check(never), /path "sys\/capabilities-self" \{ capabilities = \["update"\] \}$/)
})

test('a token that was put into the place of another one in the Secret is another back end', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.tokens.delete(VAULT_TOKEN)
  stage.fake.access.add({ token: 'next', rights: VAULT_RIGHTS })
  await assert.rejects(stage.open().check(never))
  assert.ok(await stage.open({ auth: { method: 'token', token: 'next' } }).check(never))
})
