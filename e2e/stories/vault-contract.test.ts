import { after, before, describe } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { BackendServices } from '../../src/backends/services.ts'
import { openVault } from '../../src/backends/vault/backend.ts'
import { testBackend } from '../../src/testing/backend-contract.ts'
import { readEnvironment } from '../lab/environment.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import { vaultMaker } from '../lab/vault-maker.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { createToken, mountIntermediate, mountRoot, rightsOn, writePolicy } from './support-vault.ts'

const SERVICES: BackendServices = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: () => Math.random(),
  mayAct: () => true,
  serviceAccountToken: () => Promise.reject(new Error('Nobody logs in with a ServiceAccount here.')),
  report: () => undefined,
  proxy: undefined,
}

/** Both add critical name constraints only; OpenBao those on permitted DNS names, Vault no extended key usages. */
const NOT_ADDED = {
  OpenBao: ['name constraints of the issuer'],
  HashiCorp: ['a CA that is not for a mesh'],
} as const

describe('the contract of back ends, held to by a real OpenBao', { timeout: 60_000 }, () => {
  let workspace: Workspace
  let bao: OpenBao
  let token: string
  before(async () => {
    workspace = await openWorkspace('vault-contract')
    bao = await startOpenBao(workspace)
    const root = await mountRoot(bao, { mount: 'pki-root', name: 'root' })
    const below = await mountIntermediate(bao, { mount: 'pki', name: 'below' }, root)
    await bao.admin('POST', 'pki/roles/leaf', { allow_any_name: true, require_cn: false })
    const leaves = { 'pki/issuer/default/sign-verbatim/leaf': ['update'] }
    token = await createToken(bao, await writePolicy(bao, 'mesh-ca', { ...rightsOn(below), ...leaves }))
  })
  after(() => workspace?.stop())

  testBackend({
    name: 'Vault',
    open: () =>
      openVault(
        {
          kind: 'vault',
          server: bao.address,
          caBundle: bao.caPem,
          mount: 'pki',
          issuerRef: 'default',
          role: 'leaf',
          signs: ['ca', 'end-entity'],
          auth: { method: 'token', token },
        },
        SERVICES,
      ),
    repeats: false,
    refuses: ['name constraints that are not critical', ...NOT_ADDED[vaultMaker(readEnvironment())]],
    now: SERVICES.now,
  })
})
