import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type OpenedBackend, SigningError, type SigningRequest } from '../backends/backend.ts'
import type { VaultConfig } from '../backends/config.ts'
import type { BackendServices, Incident } from '../backends/services.ts'
import { openVault } from '../backends/vault/backend.ts'
import { TEST_NOW, testCa, testIntermediate } from './certificates.ts'
import { TEST_SIGN } from './decisions.ts'
import { OPENBAO_PARAMETERS } from './fakes/vault/engine-options.ts'
import { type FakeVault, type FakeVaultOptions, startFakeVault } from './fakes/vault/server.ts'

export const VAULT_ROOT = testCa({ subject: 'CN=Vault Root' })
export const VAULT_CA = testIntermediate(VAULT_ROOT, {
  subject: 'CN=Vault CA,O=Mesh',
  pathLength: 3,
  notAfter: TEST_NOW + 1000 * 86_400_000,
})

/** What signing takes, and nothing more. */
export const VAULT_RIGHTS = {
  'pki/issuer/default/sign-intermediate': ['update'],
  'pki/issuer/default/sign-verbatim/leaf': ['update'],
}

/** Back ends of Vault and the fake on the two ends of a connection, at TEST_NOW. */
export interface VaultStage {
  readonly fake: FakeVault
  /** What was reported, in order. */
  readonly incidents: Incident[]
  readonly config: VaultConfig
  readonly open: (
    change?: { readonly [K in keyof VaultConfig]?: VaultConfig[K] | undefined },
  ) => ReturnType<typeof openVault>
  /** How many calls so far fit. */
  readonly count: (call: RegExp) => number
  /** Moves the clocks of the back ends and of the fake. */
  readonly advance: (ms: number) => void
  /** Whether the process may act. */
  readonly lease: { held: boolean }
  /** What the API server gives for a ServiceAccount. */
  readonly serviceAccount: { asked: unknown[]; error?: Error }
}

/** How tests log in: a token with `VAULT_RIGHTS` that has no end. */
export const VAULT_TOKEN = 'token-of-the-tests'

/** How the stage's fake lets an AppRole in; its login is at `auth/approle/login`. */
export const VAULT_APP_ROLE = { method: 'appRole', mount: 'approle', roleID: 'role', secretID: 'secret-id' } as const

/** Tokens of that AppRole live for so long. */
export const LOGIN_MS = 60_000

export const never = new AbortController().signal

/** The good request of the tests. */
export function vaultRequest(change: Partial<SigningRequest> = {}): SigningRequest {
  return { ...TEST_SIGN.request, ...change }
}

export async function vaultStage(
  context: Pick<TestContext, 'after'>,
  options: Partial<FakeVaultOptions> = {},
): Promise<VaultStage> {
  let passed = 0
  const fake = await startFakeVault({
    now: () => TEST_NOW + passed,
    mount: 'pki',
    issuers: { ca: { signer: VAULT_CA, above: [VAULT_ROOT] } },
    defaultIssuer: 'ca',
    roles: { leaf: {} },
    maxTtl: 87_600 * 3600,
    parameters: OPENBAO_PARAMETERS,
    ...options,
  })
  fake.access.add({ token: VAULT_TOKEN, rights: VAULT_RIGHTS })
  fake.access.logins.push({
    path: 'auth/approle/login',
    accepts: ({ role_id, secret_id }) => role_id === 'role' && secret_id === 'secret-id',
    rights: VAULT_RIGHTS,
    ttl: LOGIN_MS / 1000,
  })
  const incidents: Incident[] = []
  const lease = { held: true }
  const serviceAccount: VaultStage['serviceAccount'] = { asked: [] }
  const services: BackendServices = {
    now: () => TEST_NOW + passed,
    monotonic: () => passed,
    sleep: () => Promise.reject(new Error('nothing sleeps here')),
    random: () => 0,
    mayAct: () => lease.held,
    serviceAccountToken: async (account) => {
      serviceAccount.asked.push(account)
      if (serviceAccount.error !== undefined) throw serviceAccount.error
      return { token: 'service-account-token', expiresAt: TEST_NOW + passed + 600_000 }
    },
    report: (incident) => incidents.push(incident),
    proxy: undefined,
  }
  const config: VaultConfig = {
    kind: 'vault',
    server: fake.url,
    mount: 'pki',
    issuerRef: 'default',
    role: 'leaf',
    signs: ['ca', 'end-entity'],
    auth: { method: 'token', token: VAULT_TOKEN },
  }
  const opened: OpenedBackend[] = []
  context.after(async () => {
    await Promise.all(opened.map((backend) => backend.close?.()))
    await fake.close()
  })
  return {
    fake,
    incidents,
    config,
    lease,
    serviceAccount,
    count: (call) => fake.calls.filter((seen) => call.test(seen.call)).length,
    advance: (ms) => {
      passed += ms
    },
    open: (change) => {
      const backend = openVault(without(config, change), services)
      opened.push(backend)
      return backend
    },
  }
}

/** Both together; what is undefined in the second is left out. */
export function without<T extends object>(base: T, change: object = {}): T {
  const all: Record<string, unknown> = {}
  Object.assign(all, base, change)
  for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name]
  return Object.assign(Object.create(null), all)
}

/** The SigningError of this code that something ends with. */
export async function refusedWith(code: string, act: Promise<unknown>): Promise<SigningError> {
  return act.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => {
      assert.ok(error instanceof SigningError, String(error))
      assert.equal(error.code, code)
      return error
    },
  )
}
