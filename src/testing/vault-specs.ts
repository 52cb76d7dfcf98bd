import assert from 'node:assert/strict'
import type { Profile, VaultSpec } from '../api/issuer.ts'
import { ConfigurationError, type Lookup, type ReferenceData } from '../issuance/references.ts'
import { vaultConfig } from '../issuance/vault-config.ts'
import { testSpec } from './builders.ts'

const SCOPE = { clusterScoped: false, namespace: 'istio-system', name: 'mesh' }
const POLICY = { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false }
const TOKEN = { token: { secretRef: { name: 'vault-token' } } }

type Input = NonNullable<Parameters<typeof testSpec>[0]>['vault']
/** What an owner writes beside the server and the login. */
export type VaultWritten = Partial<NonNullable<Input>>
type Objects = Readonly<Record<string, ReferenceData>>

/** As an owner writes it, with the schema's defaults. */
export function vaultSpecOf(written: VaultWritten): VaultSpec {
  const { vault } = testSpec({ ca: undefined, vault: { server: 'https://vault.example', auth: TOKEN, ...written } })
  assert.ok(vault)
  return vault
}

/** What a configuration follows from; the least where a member is absent. */
export interface VaultGiven {
  readonly written?: VaultWritten
  readonly objects?: Objects
  readonly profile?: Profile
  readonly scope?: Partial<typeof SCOPE>
  readonly policy?: Partial<typeof POLICY>
}

const OBJECTS: Objects = { 'Secret/vault-token': { token: 't' } }

export function vaultConfigured({
  written = {},
  objects = {},
  profile = 'MeshCA',
  scope,
  policy,
}: VaultGiven): unknown {
  const all = { ...OBJECTS, ...objects }
  const lookup: Lookup = ({ kind, name }) => all[`${kind}/${name}`]
  return vaultConfig(vaultSpecOf(written), lookup, {
    scope: { ...SCOPE, ...scope },
    policy: { ...POLICY, ...policy },
    profile,
  })
}

/** How the schema's defaults come out, with the token `t`. */
export const VAULT_PLAIN = {
  kind: 'vault',
  server: 'https://vault.example',
  mount: 'pki',
  issuerRef: 'default',
  signs: ['ca'],
  auth: { method: 'token', token: 't' },
}
/** A login of the ServiceAccount mesh-ca. */
export const vaultLogin = (change: object) => ({ serviceAccountRef: { name: 'mesh-ca' }, role: 'mesh', ...change })

/** Why a configuration is refused. */
export function vaultRefusalOf(given: VaultGiven): readonly [code: string, message: string] {
  try {
    vaultConfigured(given)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return [error.code, error.message]
  }
  return assert.fail('it was taken')
}
