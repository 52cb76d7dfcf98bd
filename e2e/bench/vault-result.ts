import { perSecond, ratioOf } from './result.ts'
import { atLeast, atMost, type Row } from './table.ts'
import type { VaultResult } from './vault.ts'

/** The rows of Vault. */
export function vaultRows({ limit, own, logins, certificates, peer }: VaultResult): readonly Row[] {
  const ratio = ratioOf(limit, own)
  return [
    { what: 'Vault: certificates/s, limit of the server', value: perSecond(limit) },
    { what: 'Vault: certificates/s', value: perSecond(own) },
    { what: 'Vault: over limit', value: ratio.toFixed(2), goal: atLeast(0.7, ratio) },
    {
      what: `Vault: logins for ${certificates} certificates`,
      value: String(logins),
      goal: atMost(1, logins, 'login'),
    },
    { what: "Vault: certificates/s, cert-manager's own issuer", value: perSecond(peer) },
    { what: "Vault: over limit, cert-manager's own issuer", value: ratioOf(limit, peer).toFixed(2) },
  ]
}
