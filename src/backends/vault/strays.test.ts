import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FakeAnswer } from '../../testing/fakes/vault/answer.ts'
import type { VaultFault } from '../../testing/fakes/vault/server.ts'
import {
  never,
  refusedWith,
  VAULT_RIGHTS,
  VAULT_ROOT,
  VAULT_TOKEN,
  type VaultStage,
  vaultRequest,
  vaultStage,
} from '../../testing/vault-stage.ts'
import { isRecord } from './json.ts'

const SIGNATURE = /sign-intermediate$/
const MAY_REVOKE = { ...VAULT_RIGHTS, 'pki/revoke': ['update'] }

function altered(change: object): VaultFault {
  const alter = (answer: FakeAnswer): FakeAnswer => {
    const body = isRecord(answer.body) ? answer.body : {}
    const data = isRecord(body.data) ? body.data : {}
    return { ...answer, body: { ...body, data: { ...data, ...change } } }
  }
  return { kind: 'alter', alter }
}

/** It signs, and says something else. */
function answeredInstead(answer: FakeAnswer): VaultFault {
  return { kind: 'alter', alter: () => answer }
}

function strays({ incidents }: VaultStage): readonly string[] {
  return incidents.filter(({ what }) => what === 'stray').map(({ message }) => message)
}

for (const [name, rights, fate] of [
  ['is revoked where that is allowed', MAY_REVOKE, 'was revoked'],
  ['is told of where it is not', VAULT_RIGHTS, 'could not be revoked by this login'],
] as const) {
  test(`W-V6: after a change of the default issuer nothing is handed on, and what was signed ${name}`, async (context) => {
    const stage = await vaultStage(context)
    stage.fake.access.add({ token: VAULT_TOKEN, rights })
    const backend = stage.open()
    await backend.check(never)
    stage.fake.engine.options.issuers.ca = { signer: VAULT_ROOT, above: [] }
    const error = await refusedWith('issuer-changed', backend.sign(vaultRequest(), never))
    assert.deepEqual([error.remedy, error.part], ['recheck-issuer', 'AuthorityReady'])
    const { signed, revoked } = stage.fake.engine
    assert.deepEqual(strays(stage), [
      `the certificate ${signed[0]} of pki was signed and is given to nobody; it ${fate}`,
    ])
    assert.deepEqual(revoked, rights === MAY_REVOKE ? signed : [])
  })
}

test('a certificate that its role did not store is revoked by itself', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.add({ token: VAULT_TOKEN, rights: MAY_REVOKE })
  const backend = stage.open()
  await backend.check(never)
  stage.fake.fail(SIGNATURE, altered({ issuing_ca: VAULT_ROOT.certificatePem }))
  stage.fake.fail(/revoke$/, { kind: 'answer', answer: { status: 400, body: { errors: ['not found'] } } })
  await refusedWith('issuer-changed', backend.sign(vaultRequest(), never))
  assert.deepEqual(stage.fake.engine.revoked, stage.fake.engine.signed)
  assert.deepEqual(stage.fake.unmet(), [])
})

/** As Envoy words it (source/common/router/router.cc). */
function envoy(reason: string): VaultFault {
  const text = `upstream connect error or disconnect/reset before headers. reset reason: ${reason}`
  return { kind: 'text', status: 503, text }
}

const LOST: Readonly<Record<string, readonly [fault: VaultFault, remedy: string, code: string, told: boolean]>> = {
  'the connection breaks behind it': [{ kind: 'lose' }, 'retry', 'server-unreachable', true],
  'a gateway loses it': [{ kind: 'text', status: 504, text: '<html>' }, 'retry', 'server-error', true],
  'a gateway of Istio loses it': [envoy('connection termination'), 'retry', 'server-error', true],
  'a gateway of Istio could not send the call': [
    envoy('remote connection failure, transport failure reason: delayed connect error: Connection refused'),
    'retry',
    'server-error',
    false,
  ],
  'a gateway of Istio has nowhere to send the call': [
    { kind: 'text', status: 503, text: 'no healthy upstream' },
    'retry',
    'server-error',
    false,
  ],
  'it is no JSON': [{ kind: 'text', status: 200, text: '<html>' }, 'retry', 'answer-unreadable', true],
  'it names no certificate at all': [
    altered({ certificate: '', serial_number: '' }),
    'retry',
    'answer-unreadable',
    true,
  ],
  'the server cannot note in its audit log that it signed': [
    answeredInstead({ status: 500, body: { errors: ['internal error'] } }),
    'retry',
    'server-error',
    true,
  ],
  'a standby that forwarded the call loses the active node, and then redirects to it': [
    answeredInstead({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }),
    'retry',
    'server-standby',
    true,
  ],
  'a standby that forwarded the call knows no active node any more': [
    answeredInstead({ status: 503, body: { errors: ['no active Vault instance found'] } }),
    'retry',
    'server-error',
    true,
  ],
  'the server has no such issuer': [
    { kind: 'answer', answer: { status: 500, body: { errors: ['unable to find PKI issuer for reference: ca'] } } },
    'recheck-issuer',
    'issuer-not-found',
    false,
  ],
  'the server is sealed': [
    { kind: 'answer', answer: { status: 503, body: { errors: ['Vault is sealed'] } } },
    'retry',
    'server-sealed',
    false,
  ],
}

for (const [name, [fault, remedy, code, told]] of Object.entries(LOST)) {
  test(`an answer that is lost may leave a certificate behind: ${name}`, async (context) => {
    const stage = await vaultStage(context)
    const backend = stage.open()
    await backend.check(never)
    stage.fake.fail(SIGNATURE, fault)
    const error = await refusedWith(code, backend.sign(vaultRequest(), never))
    assert.equal(error.remedy, remedy)
    assert.equal(strays(stage).length, told ? 1 : 0)
    if (told) assert.match(strays(stage)[0] ?? '', /^a certificate of pki may have been signed that nobody has, after /)
    assert.equal(stage.count(SIGNATURE), 1)
  })
}

test('a caller that gives up in the middle leaves the same behind', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  await backend.check(never)
  const leaving = new AbortController()
  stage.fake.fail(SIGNATURE, { kind: 'first', act: () => leaving.abort() })
  await assert.rejects(backend.sign(vaultRequest(), leaving.signal), { name: 'AbortError' })
  assert.equal(strays(stage).length, 1)
})

test('what the proof refuses can be handed back', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.access.add({ token: VAULT_TOKEN, rights: MAY_REVOKE })
  const backend = stage.open()
  const answer = await backend.sign(vaultRequest(), never)
  assert.ok(answer.state === 'issued' && answer.chain[0])
  await backend.discard(answer.chain[0])
  assert.deepEqual(stage.fake.engine.revoked, stage.fake.engine.signed)
  assert.equal(strays(stage).length, 1)
})
