import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  never,
  refusedWith,
  VAULT_APP_ROLE,
  VAULT_RIGHTS,
  VAULT_TOKEN,
  vaultRequest,
  vaultStage,
} from '../../testing/vault-stage.ts'
import type { SigningRequest } from '../backend.ts'

const HOUR = 3_600_000
const LEAF: Partial<SigningRequest> = { isCA: false, keyUsage: ['digitalSignature'], extKeyUsage: [] }

/** A request for an end-entity certificate. */
function leafRequest(): SigningRequest {
  const { pathLength: _, ...request } = vaultRequest(LEAF)
  return request
}

test('the answer is the certificate, the chain that was checked, and its root', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  const answer = await backend.sign(vaultRequest(), never)
  assert.ok(answer.state === 'issued')
  const texts = (list: readonly { readonly subject: { readonly text: string } }[]) =>
    list.map(({ subject }) => subject.text)
  assert.deepEqual(texts(answer.chain.slice(1)), ['CN=Vault CA,O=Mesh'])
  assert.deepEqual(texts(answer.roots), ['CN=Vault Root'])
  assert.equal(answer.chain[0]?.serialNumber, stage.fake.engine.signed[0]?.replaceAll(':', ''))
})

test('a request before the first check makes one', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  await backend.sign(vaultRequest(), never)
  await backend.sign(vaultRequest(), never)
  assert.equal(stage.count(/capabilities-self$/), 1)
})

test('a life that the mount cuts short is refused before the call, where its limit is shown', async (context) => {
  const stage = await vaultStage(context, { maxTtl: 100 * 3600 })
  await refusedWith('life-limited', stage.open().sign(vaultRequest(), never))
  assert.deepEqual(stage.fake.engine.signed, [])
})

test('where it is not shown, the first answer teaches it for ten minutes', async (context) => {
  const stage = await vaultStage(context, { maxTtl: 0 })
  const backend = stage.open()
  const long = vaultRequest({ notAfter: vaultRequest().notBefore + 800 * HOUR })
  await refusedWith('life-limited', backend.sign(long, never))
  await refusedWith('life-limited', backend.sign(long, never))
  await backend.check(never)
  await refusedWith('life-limited', backend.sign(long, never))
  assert.equal(stage.fake.engine.signed.length, 1)
  assert.equal((await backend.sign(vaultRequest(), never)).state, 'issued')
  stage.fake.engine.options.maxTtl = 1000 * 3600
  stage.advance(600_000)
  assert.equal((await backend.sign(vaultRequest({ notAfter: long.notAfter + 600_000 }), never)).state, 'issued')
})

test('a life that a role cuts short is learned of the role, and CAs go on', async (context) => {
  const stage = await vaultStage(context, { roles: { leaf: { maxTtl: 100 * 3600 } } })
  const backend = stage.open()
  await refusedWith('life-limited', backend.sign(leafRequest(), never))
  await refusedWith('life-limited', backend.sign(leafRequest(), never))
  assert.equal(stage.fake.engine.signed.length, 1)
  assert.equal((await backend.sign(vaultRequest(), never)).state, 'issued')
})

for (const [name, rights, signed] of [
  ['may be read', { ...VAULT_RIGHTS, 'pki/roles/leaf': ['read'] }, 1],
  ['may not be read, and the first answer teaches it', VAULT_RIGHTS, 2],
] as const) {
  test(`a life is exact with a role that begins earlier, which ${name}`, async (context) => {
    const stage = await vaultStage(context, { roles: { leaf: { notBeforeDuration: 300 } } })
    stage.fake.access.add({ token: VAULT_TOKEN, rights })
    const backend = stage.open()
    if (signed === 2) await refusedWith('life-differs', backend.sign(leafRequest(), never))
    const answer = await backend.sign(leafRequest(), never)
    assert.ok(answer.state === 'issued' && answer.chain[0])
    const { notBefore, notAfter } = answer.chain[0]
    assert.equal(notAfter - notBefore, leafRequest().notAfter - leafRequest().notBefore)
    assert.equal(stage.fake.engine.signed.length, signed)
  })
}

test('a server whose clock is wrong gives the times that were asked for', async (context) => {
  const stage = await vaultStage(context, { now: () => vaultRequest().notBefore + 400_000 })
  const backend = stage.open()
  const answer = await backend.sign(vaultRequest(), never)
  assert.ok(answer.state === 'issued')
  assert.deepEqual(
    [answer.chain[0]?.notBefore, answer.chain[0]?.notAfter],
    [vaultRequest().notBefore, vaultRequest().notAfter],
  )
})

test('W-V1: a CA is asked for by its own path, and an end-entity certificate by the role', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  for (const request of [vaultRequest(), leafRequest()]) {
    const answer = await backend.sign(request, never)
    assert.ok(answer.state === 'issued')
    assert.equal(answer.chain[0]?.basicConstraints?.cA ?? false, request.isCA)
  }
  assert.deepEqual(
    stage.fake.calls.map(({ call }) => call).filter((call) => /sign-\w+(?:\/leaf)?$/.test(call)),
    ['POST pki/issuer/default/sign-intermediate', 'POST pki/issuer/default/sign-verbatim/leaf'],
  )
})

test('W-V8: what metrics count is reported: logins, repeats, wishes for patience, strays', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  const reported = () => stage.incidents.splice(0).map(({ backend: name, what }) => `${name} ${what}`)
  await backend.sign(vaultRequest(), never)
  assert.deepEqual(reported(), ['Vault login'])
  await backend.sign(vaultRequest(), never)
  assert.deepEqual(reported(), [])
  stage.fake.access.tokens.clear()
  await backend.sign(vaultRequest(), never)
  assert.deepEqual(reported(), ['Vault retried', 'Vault login'])
  stage.fake.fail(/sign-/, { kind: 'answer', answer: { status: 429 } })
  await refusedWith('throttled', backend.sign(vaultRequest(), never))
  assert.deepEqual(reported(), ['Vault throttled'])
  stage.fake.fail(/sign-/, { kind: 'lose' })
  await refusedWith('server-unreachable', backend.sign(vaultRequest(), never))
  assert.deepEqual(reported(), ['Vault stray'])
})
