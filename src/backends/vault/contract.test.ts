import { after } from 'node:test'
import { testBackend } from '../../testing/backend-contract.ts'
import { VAULT_CA, VAULT_ROOT, vaultStage } from '../../testing/vault-stage.ts'

/** Of what is asked in the contract, OpenBao cannot add name constraints but critical ones on permitted DNS names. */
const refuses = ['name constraints of the issuer', 'name constraints that are not critical']

const whenDone: (() => Promise<void>)[] = []
const context = { after: (act?: unknown) => void (typeof act === 'function' && whenDone.push(async () => act())) }
after(async () => {
  for (const act of whenDone) await act()
})

for (const [name, issuer] of [
  ['an intermediate in Vault', { signer: VAULT_CA, above: [VAULT_ROOT] }],
  ['a root in Vault', { signer: VAULT_ROOT, above: [] }],
] as const) {
  const stage = vaultStage(context, { issuers: { ca: issuer } })
  testBackend({ name, open: async () => (await stage).open(), repeats: false, refuses })
}
