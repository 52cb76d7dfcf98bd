import type { SigningRequest } from '../backends/backend.ts'
import type { VaultConfig } from '../backends/config.ts'
import { authorityEnd } from '../backends/vault/authority.ts'
import type { Knowledge } from '../backends/vault/knowledge.ts'
import { type SignCall, signCall } from '../backends/vault/sign-request.ts'
import { testAuthority } from './builders.ts'
import { TEST_NOW } from './certificates.ts'
import { TEST_SIGN } from './decisions.ts'
import { OPENBAO_PARAMETERS } from './fakes/vault/engine-options.ts'
import { VAULT_CA, VAULT_ROOT, without } from './vault-stage.ts'

const AUTHORITY = testAuthority(VAULT_CA, VAULT_ROOT)

/** What a check of the stage's fake learns. */
export const VAULT_KNOWN: Knowledge = {
  authority: AUTHORITY,
  authorityEnd: authorityEnd(AUTHORITY),
  parameters: new Set(OPENBAO_PARAMETERS),
  mountMaxMs: undefined,
  role: { backdateMs: 30_000, maxMs: undefined },
}

/** An issuer that nothing is sent to. */
export const VAULT_CONFIG: VaultConfig = {
  kind: 'vault',
  server: 'https://vault.example:8200',
  mount: 'team/pki',
  issuerRef: 'mesh',
  role: 'leaf',
  signs: ['ca', 'end-entity'],
  auth: { method: 'token', token: 'secret-value' },
}

/** What makes the good request one for an end-entity certificate. */
export const VAULT_LEAF = {
  isCA: false,
  pathLength: undefined,
  keyUsage: ['digitalSignature', 'keyEncipherment'],
  extKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.2.3.4'],
} as const

/** What a test changes; what is undefined is left out. */
export interface VaultCallChange {
  readonly request?: { readonly [K in keyof SigningRequest]?: SigningRequest[K] | undefined }
  readonly known?: Partial<Knowledge>
  readonly config?: { readonly [K in keyof VaultConfig]?: VaultConfig[K] | undefined }
  readonly serverNow?: number
}

/** The call for the good request, with some members of it and of its context changed. */
export function vaultCall({ request, known, config, serverNow = TEST_NOW }: VaultCallChange): SignCall {
  return signCall(without(TEST_SIGN.request, request), {
    config: without(VAULT_CONFIG, config),
    known: { ...VAULT_KNOWN, ...known },
    serverNow,
  })
}
