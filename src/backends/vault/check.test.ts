import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TEST_NOW, testCa, testIntermediate } from '../../testing/certificates.ts'
import { OPENBAO_PARAMETERS } from '../../testing/fakes/vault/engine-options.ts'
import { constraints } from '../../testing/names.ts'
import {
  never,
  refusedWith,
  VAULT_CA,
  VAULT_RIGHTS,
  VAULT_ROOT,
  VAULT_TOKEN,
  type VaultStage,
  vaultRequest,
  vaultStage,
} from '../../testing/vault-stage.ts'
import { SigningError } from '../backend.ts'
import type { VaultConfig } from './config.ts'

const READS = {
  'pki/issuer/default': ['read'],
  'pki/roles/leaf': ['read'],
}
const CA_ONLY = { 'pki/issuer/default/sign-intermediate': ['update'] }

function grant({ fake }: VaultStage, rights: Readonly<Record<string, readonly string[]>> | 'root'): void {
  fake.access.add({ token: VAULT_TOKEN, rights })
}

type Spoiled = readonly [
  spoil: (stage: VaultStage) => void,
  expected: readonly [remedy: string, code: string, part?: string],
  says: RegExp,
  config?: { readonly [K in keyof VaultConfig]?: VaultConfig[K] | undefined },
]

const FAILURES: Readonly<Record<string, Spoiled>> = {
  'W-V5: a login that may do nothing': [
    (stage) => grant(stage, {}),
    ['recheck-issuer', 'permission-missing', 'CredentialsReady'],
    /lacks the capability update on pki\/issuer\/default\/sign-intermediate; add to its policy: path "pki\/issuer\/default\/sign-intermediate" \{ capabilities = \["update"\] \}$/,
  ],
  'W-V5: a login that may read only': [
    (stage) => grant(stage, { 'pki/issuer/default/sign-intermediate': ['read', 'list'] }),
    ['recheck-issuer', 'permission-missing', 'CredentialsReady'],
    /capability update/,
  ],
  'W-V5: a login that may sign CAs but no end-entity certificates': [
    (stage) => grant(stage, CA_ONLY),
    ['recheck-issuer', 'permission-missing', 'CredentialsReady'],
    /update on pki\/issuer\/default\/sign-verbatim\/leaf;/,
  ],
  'no role where nothing is signed without': [
    () => undefined,
    ['recheck-issuer', 'role-missing', 'AuthorityReady'],
    /^vault\.role is not set/,
    { signs: ['end-entity'], role: undefined },
  ],
  'a role that is missing': [
    (stage) =>
      grant(stage, {
        ...VAULT_RIGHTS,
        ...READS,
        'pki/issuer/default/sign-verbatim/other': ['update'],
        'pki/roles/other': ['read'],
      }),
    ['recheck-issuer', 'role-not-found', 'AuthorityReady'],
    /has no role other; create it, or correct vault\.role$/,
    { role: 'other' },
  ],
  'an issuer that is missing': [
    ({ fake }) => {
      fake.engine.options.defaultIssuer = 'gone'
    },
    ['recheck-issuer', 'issuer-not-found', 'AuthorityReady'],
    /has no issuer default; create it/,
  ],
  'an issuer that may not sign': [
    (stage) => {
      grant(stage, { ...VAULT_RIGHTS, ...READS })
      const { issuers } = stage.fake.engine.options
      issuers.ca = { signer: VAULT_CA, above: [VAULT_ROOT], usage: 'read-only,crl-signing' }
    },
    ['recheck-issuer', 'issuer-unusable', 'AuthorityReady'],
    /its usage lacks issuing-certificates; add it$/,
  ],
  'an issuer that is revoked': [
    (stage) => {
      grant(stage, { ...VAULT_RIGHTS, ...READS })
      stage.fake.engine.options.issuers.ca = { signer: VAULT_CA, above: [VAULT_ROOT], revoked: true }
    },
    ['recheck-issuer', 'issuer-unusable', 'AuthorityReady'],
    /is revoked; use another one$/,
  ],
  'W-V6: a root that the server does not know': [
    ({ fake }) => {
      fake.engine.options.issuers.ca = { signer: VAULT_CA, above: [] }
    },
    ['recheck-issuer', 'issuer-chain-open', 'AuthorityReady'],
    /does not reach a self-signed root/,
  ],
  'W-V6: another issuer than the one that is pinned': [
    () => undefined,
    ['recheck-issuer', 'issuer-fingerprint-differs', 'AuthorityReady'],
    /asks for 00ff;/,
    { issuerFingerprint: '00ff' },
  ],
  'a namespace that is missing': [
    () => undefined,
    ['recheck-issuer', 'namespace-not-found', 'CredentialsReady'],
    /has no namespace mesh; create it, or correct vault\.namespace$/,
    { namespace: 'mesh' },
  ],
  'a namespace, at a server that would ignore it': [
    ({ fake }) => {
      fake.namespaces.heeded = false
      fake.health.enterprise = false
      fake.health.standby = true
    },
    ['recheck-issuer', 'namespaces-ignored', 'CredentialsReady'],
    /has no namespaces, and would sign outside of mesh; leave vault\.namespace out, or name a server that has it$/,
    { namespace: 'mesh' },
  ],
  'a namespace, at an old server that would ignore it': [
    ({ fake }) => {
      fake.namespaces.heeded = false
    },
    ['recheck-issuer', 'namespaces-ignored', 'CredentialsReady'],
    /has no namespaces/,
    { namespace: 'mesh' },
  ],
  'a namespace, at a server of which nothing can be said while it is sealed': [
    ({ fake }) => {
      fake.namespaces.heeded = false
      fake.health.sealed = true
    },
    ['retry', 'server-sealed'],
    /is sealed; unseal it$/,
    { namespace: 'mesh' },
  ],
  'a server that is sealed': [
    ({ fake }) => {
      fake.health.sealed = true
    },
    ['retry', 'server-sealed'],
    /is sealed; unseal it$/,
  ],
  'a server that is not initialised, and says only that it cannot': [
    ({ fake }) => {
      fake.health.initialized = false
      fake.fail(/capabilities-self/, { kind: 'answer', answer: { status: 500 } })
    },
    ['retry', 'server-uninitialised'],
    /is not initialised; initialise it$/,
  ],
  'a standby without an active node': [
    ({ fake }) => {
      fake.health.standby = true
      fake.fail(/capabilities-self/, { kind: 'answer', answer: { status: 500 } })
    },
    ['retry', 'server-standby'],
    /is a standby without an active node$/,
  ],
  'a server with a fault that it does not know of': [
    ({ fake }) => fake.fail(/capabilities-self/, { kind: 'answer', answer: { status: 500 } }),
    ['retry', 'server-error'],
    /could not answer \(500\)/,
  ],
  'a server whose health cannot be had either': [
    ({ fake }) => {
      fake.fail(/capabilities-self/, { kind: 'answer', answer: { status: 502 } })
      fake.fail(/health/, { kind: 'break' })
    },
    ['retry', 'server-error'],
    /could not answer \(502\)/,
  ],
}

for (const [name, [spoil, [remedy, code, part], says, config]] of Object.entries(FAILURES)) {
  test(`a check fails: ${name}`, async (context) => {
    const stage = await vaultStage(context)
    spoil(stage)
    await assert.rejects(stage.open(config).check(never), (error: unknown) => {
      assert.ok(error instanceof SigningError, String(error))
      assert.deepEqual([error.remedy, error.code, error.part], [remedy, code, part])
      assert.match(error.message, says)
      return true
    })
    assert.deepEqual(stage.fake.engine.signed, [])
    assert.deepEqual(stage.fake.unmet(), [])
  })
}

test('a check with the least rights: nothing is asked that is not granted', async (context) => {
  const stage = await vaultStage(context)
  const { certificate, root } = await stage.open().check(never)
  assert.deepEqual([certificate.subject.text, root.subject.text], ['CN=Vault CA,O=Mesh', 'CN=Vault Root'])
  assert.deepEqual(stage.fake.calls.map(({ call }) => call).sort(), [
    'GET auth/token/lookup-self',
    'GET pki/issuer/default/json',
    'GET pki/issuer/default/sign-intermediate?help=1',
    'GET sys/internal/ui/mounts/pki',
    'POST sys/capabilities-self',
  ])
})

for (const [name, rights] of [
  ['root', 'root'],
  ['more than is needed', { ...VAULT_RIGHTS, ...READS }],
] as const) {
  test(`a check with the rights of ${name}`, async (context) => {
    const stage = await vaultStage(context)
    grant(stage, rights)
    assert.ok(await stage.open().check(never))
    assert.equal(stage.count(/^GET pki\/(?:issuer\/default|roles\/leaf)$/), 2)
  })
}

for (const [name, health] of [
  ['that says it is Enterprise', { enterprise: true }],
  ['of an Enterprise release before it said so', { version: '1.15.4+ent' }],
] as const) {
  test(`a check believes in the namespace at a server ${name}`, async (context) => {
    const stage = await vaultStage(context)
    stage.fake.namespaces.heeded = false
    Object.assign(stage.fake.health, health)
    assert.ok(await stage.open({ namespace: 'mesh' }).check(never))
  })
}

test('a check asks for what its profile signs only', async (context) => {
  const stage = await vaultStage(context)
  grant(stage, CA_ONLY)
  assert.ok(await stage.open({ signs: ['ca'] }).check(never))
  grant(stage, { 'pki/issuer/default/sign-verbatim/leaf': ['update'] })
  const before = stage.count(/help=1$/)
  assert.ok(await stage.open({ signs: ['end-entity'] }).check(never))
  assert.equal(stage.count(/help=1$/), before)
})

for (const [name, change, longestLifeMs] of [
  ['the mount', { signs: ['ca'] }, 720],
  ['the mount, where CAs are signed as well', {}, 720],
  ['the role', { signs: ['end-entity'] }, 24],
] as const) {
  test(`a check shows the longest life that is given: that of ${name}`, async (context) => {
    const stage = await vaultStage(context, { maxTtl: 720 * 3600, roles: { leaf: { maxTtl: 24 * 3600 } } })
    grant(stage, { ...VAULT_RIGHTS, ...READS })
    assert.equal((await stage.open(change).check(never)).longestLifeMs, longestLifeMs * 3_600_000)
  })
}

test('a check that may not see a limit shows none', async (context) => {
  const stage = await vaultStage(context, { maxTtl: 0 })
  assert.equal((await stage.open({ signs: ['end-entity'] }).check(never)).longestLifeMs, undefined)
})

test('what a check may not see is not in its way', async (context) => {
  const stage = await vaultStage(context)
  stage.fake.fail(/help=1$|internal/, { kind: 'answer', answer: { status: 403, body: { errors: [] } } }, 2)
  const backend = stage.open()
  assert.ok(await backend.check(never))
  // Every server can add these.
  const nameConstraints = constraints({ dnsDomains: ['a.example'] })
  assert.equal((await backend.sign(vaultRequest({ nameConstraints }), never)).state, 'issued')
})

for (const [name, call] of [
  ['what sign-intermediate takes', /help=1$/],
  ['the limit of the mount', /internal/],
] as const) {
  test(`a check that could not learn ${name} for a moment knows no less than the one before it`, async (context) => {
    const stage = await vaultStage(context, { parameters: [...OPENBAO_PARAMETERS, 'excluded_dns_domains'] })
    const backend = stage.open()
    await backend.check(never)
    stage.fake.fail(call, { kind: 'answer', answer: { status: 503, body: { errors: [] } } })
    const error = await refusedWith('server-error', backend.check(never))
    assert.equal(error.remedy, 'retry')
    const nameConstraints = constraints({}, { dnsDomains: ['a.example'] })
    assert.equal((await backend.sign(vaultRequest({ nameConstraints }), never)).state, 'issued')
  })
}

test('a new CA behind the name is seen by the next check', async (context) => {
  const stage = await vaultStage(context)
  const backend = stage.open()
  await backend.check(never)
  const root = testCa({ subject: 'CN=Next Root' })
  const next = testIntermediate(root, { subject: 'CN=Next CA', pathLength: 1, notAfter: TEST_NOW + 999 * 86_400_000 })
  stage.fake.engine.options.issuers.ca = { signer: next, above: [root] }
  assert.equal((await backend.check(never)).root.subject.text, 'CN=Next Root')
})
