import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  LOGIN_MS,
  never,
  refusedWith,
  VAULT_APP_ROLE,
  VAULT_RIGHTS,
  VAULT_TOKEN,
  vaultRequest,
  vaultStage,
} from '../../testing/vault-stage.ts'

const LOGIN = /auth\/approle\/login$/
const RENEWAL = /renew-self$/
const REVOCATION = /revoke-self$/
const SIGNATURE = /sign-intermediate$/
const REFUSED = { kind: 'answer', answer: { status: 403, body: { errors: ['permission denied'] } } } as const

async function loggedIn(context: TestContext) {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  await backend.check(never)
  return { ...stage, backend, sign: () => backend.sign(vaultRequest(), never) }
}

/** Lets what goes on behind an answer come to its end. */
async function behindTheScenes(backend: { close?: () => Promise<void> }): Promise<void> {
  await backend.close?.()
}

test('a process that may not act any more asks nothing, gives its login back, and takes back what it signed', async (context) => {
  const { lease, fake, incidents, backend, sign, count } = await loggedIn(context)
  const result = await sign()
  const calls = fake.calls.length
  lease.held = false
  await refusedWith('not-leading', backend.check(never))
  await refusedWith('not-leading', sign())
  assert.equal(fake.calls.length, calls)
  assert.deepEqual(
    incidents.map(({ what }) => what),
    ['login'],
  )
  assert.ok(result.state === 'issued' && result.chain[0] !== undefined)
  await backend.discard?.(result.chain[0])
  await backend.close?.()
  // This login may not revoke, by serial number or by the certificate itself.
  assert.deepEqual([count(/pki\/revoke$/), count(REVOCATION), fake.calls.length], [2, 1, calls + 3])
})

test('W-V4: one login for checks and requests, however many at once, given back at the end', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  await Promise.all([backend.check(never), backend.check(never)])
  await Promise.all(Array.from({ length: 20 }, (_, turn) => backend.sign(vaultRequest({ uid: `uid-${turn}` }), never)))
  assert.equal(stage.count(LOGIN), 1)
  assert.deepEqual(stage.incidents, [
    { backend: 'Vault', what: 'login', message: 'logged in with an AppRole at auth/approle' },
  ])
  await backend.close?.()
  assert.deepEqual(stage.fake.access.revoked, ['s.login-0'])
  await refusedWith('backend-closed', backend.check(never))
})

test('a login is renewed when two thirds of its life have passed, while signing goes on', async (context) => {
  const { advance, backend, count, sign } = await loggedIn(context)
  advance((LOGIN_MS * 2) / 3 - 1)
  await sign()
  assert.equal(count(RENEWAL), 0)
  advance(1)
  await sign()
  await sign()
  advance(LOGIN_MS / 2)
  await sign()
  await behindTheScenes(backend)
  assert.deepEqual([count(RENEWAL), count(LOGIN)], [1, 1])
})

test('one that has ended is replaced', async (context) => {
  const { advance, backend, count, sign, fake } = await loggedIn(context)
  advance(LOGIN_MS)
  await sign()
  assert.equal(count(LOGIN), 2)
  await behindTheScenes(backend)
  assert.deepEqual(fake.access.revoked, ['s.login-1'])
})

test('one that cannot be renewed any more is replaced in time, and given back', async (context) => {
  const { advance, backend, count, sign, fake } = await loggedIn(context)
  fake.fail(RENEWAL, REFUSED)
  advance((LOGIN_MS * 2) / 3)
  await sign()
  while (count(LOGIN) < 2) await sign()
  await behindTheScenes(backend)
  assert.deepEqual(fake.access.revoked, ['s.login-0', 's.login-1'])
})

test('a server that cannot renew just now is asked again in a while, and signing goes on', async (context) => {
  const { advance, backend, count, sign, fake } = await loggedIn(context)
  fake.fail(RENEWAL, { kind: 'answer', answer: { status: 503, body: { errors: [] } } })
  advance((LOGIN_MS * 2) / 3)
  await sign()
  while (count(RENEWAL) < 1) await sign()
  await sign()
  assert.equal(count(RENEWAL), 1)
  advance(5000)
  await sign()
  await behindTheScenes(backend)
  assert.deepEqual([count(RENEWAL), count(LOGIN)], [2, 1])
})

test('W-V3: after a 403 there is one login anew and one more try', async (context) => {
  const { count, sign, fake, incidents } = await loggedIn(context)
  fake.access.tokens.clear()
  const { state } = await sign()
  assert.equal(state, 'issued')
  assert.deepEqual([count(LOGIN), count(SIGNATURE)], [2, 2])
  const told = 'pki/issuer/default/sign-intermediate was refused (403) and is tried again'
  assert.deepEqual(
    incidents.map(({ what, message }) => (what === 'login' ? what : message)),
    ['login', told, 'login'],
  )
})

test('many that meet a 403 share the login anew', async (context) => {
  const { backend, count, fake } = await loggedIn(context)
  fake.access.tokens.clear()
  await Promise.all(Array.from({ length: 8 }, (_, turn) => backend.sign(vaultRequest({ uid: `uid-${turn}` }), never)))
  assert.equal(count(LOGIN), 2)
})

test('a 403 that no login mends is told with the policy that would, and does not make logins pile up', async (context) => {
  const { advance, backend, count, sign, fake } = await loggedIn(context)
  for (const token of [...fake.access.tokens.values(), ...fake.access.logins]) token.rights = {}
  const error = await refusedWith('permission-denied', sign())
  assert.deepEqual([error.remedy, error.part], ['recheck-issuer', 'CredentialsReady'])
  assert.match(error.message, /path "pki\/issuer\/default\/sign-intermediate" \{ capabilities = \["update"\] \}$/)
  await refusedWith('permission-denied', sign())
  assert.deepEqual([count(LOGIN), count(SIGNATURE)], [2, 3])
  advance(10_000)
  await refusedWith('permission-denied', sign())
  assert.equal(count(LOGIN), 3)
  await behindTheScenes(backend)
  assert.deepEqual(fake.access.revoked, ['s.login-0', 's.login-1', 's.login-2'])
})

test('whoever gives up does not take the login from others', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  const leaving = new AbortController()
  stage.fake.fail(LOGIN, { kind: 'first', act: () => leaving.abort() })
  const [one, other] = await Promise.allSettled([backend.check(leaving.signal), backend.check(never)])
  assert.deepEqual([one.status, other.status], ['rejected', 'fulfilled'])
  assert.equal(stage.count(LOGIN), 1)
})

test('nobody waits longer for a login than he wants to', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  const leaving = new AbortController()
  stage.fake.fail(LOGIN, { kind: 'hang' })
  const check = backend.check(leaving.signal)
  const other = stage.open()
  while (stage.count(LOGIN) === 0) await other.check(never)
  leaving.abort()
  await assert.rejects(check, { name: 'AbortError' })
  await stage.fake.close()
})

for (const [name, keep] of [
  ['and the renewal comes through', true],
  ['and the renewal is refused too', false],
] as const) {
  test(`a login that is refused while it is being renewed is replaced once, ${name}`, async (context) => {
    const { advance, backend, count, sign, fake } = await loggedIn(context)
    const gate = Promise.withResolvers<void>()
    fake.fail(RENEWAL, { kind: 'wait', until: gate.promise })
    fake.fail(SIGNATURE, REFUSED)
    if (keep) fake.fail(REVOCATION, { kind: 'answer', answer: { status: 403, body: { errors: [] } } })
    advance((LOGIN_MS * 2) / 3)
    const signed = sign()
    while (count(REVOCATION) === 0) await new Promise(setImmediate)
    gate.resolve()
    assert.equal((await signed).state, 'issued')
    await backend.close?.()
    assert.deepEqual([count(LOGIN), fake.access.revoked], [2, keep ? ['s.login-1'] : ['s.login-0', 's.login-1']])
  })
}

test('closing waits for what is under way, for which a login is had anew if need be, and gives that back', async (context) => {
  const { backend, count, sign, fake } = await loggedIn(context)
  let closing: Promise<void> | undefined
  fake.fail(SIGNATURE, { kind: 'first', act: () => (closing = backend.close?.()) })
  fake.access.tokens.clear()
  assert.equal((await sign()).state, 'issued')
  await closing
  assert.deepEqual([count(LOGIN), fake.access.revoked], [2, ['s.login-1']])
})

test('closing gives back a login on its way that nobody waits for any more', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open({ auth: VAULT_APP_ROLE })
  const leaving = new AbortController()
  let closing: Promise<void> | undefined
  const act = (): void => {
    closing = backend.close?.()
    leaving.abort()
  }
  stage.fake.fail(LOGIN, { kind: 'first', act })
  await assert.rejects(backend.check(leaving.signal), { name: 'AbortError' })
  await closing
  assert.equal(stage.count(REVOCATION), 1)
  assert.deepEqual(stage.fake.access.revoked, ['s.login-0'])
})

test('a server that asks for patience is told of', async (context) => {
  const { sign, fake, incidents } = await loggedIn(context)
  fake.fail(SIGNATURE, {
    kind: 'answer',
    answer: { status: 429, body: { errors: [] }, headers: { 'retry-after': '9' } },
  })
  const error = await refusedWith('throttled', sign())
  assert.deepEqual([error.remedy, error.retryAfterMs], ['retry', 9000])
  assert.equal(incidents.at(-1)?.what, 'throttled')
})

test('a token of the Secret is used as it is, and never revoked', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  await backend.check(never)
  await backend.close?.()
  assert.deepEqual([stage.count(/lookup-self$/), stage.count(REVOCATION), stage.incidents.length], [1, 0, 0])
  assert.deepEqual(stage.fake.access.tokens.get(VAULT_TOKEN)?.rights, VAULT_RIGHTS)
})
