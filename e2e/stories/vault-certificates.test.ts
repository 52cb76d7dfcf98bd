import { after, before, describe } from 'node:test'
import { certificateStories } from './support-vault-certificates.ts'
import { issuerStories } from './support-vault-issuers.ts'
import { openVaultTeam, type VaultTeam } from './support-vault-team.ts'

describe('a Vault server and a team that has certificates of it', { timeout: 120_000 }, () => {
  let team: VaultTeam
  before(async () => {
    team = await openVaultTeam('vault-certificates')
  })
  after(() => team?.stop())

  certificateStories(() => team)
  issuerStories(() => team)
})
