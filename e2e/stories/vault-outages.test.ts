import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type History, recordRequests, type States, settledIn, settledOnce } from './support-history.ts'
import { conditionsOf, issuerReference, issuerShows } from './support-issuers.ts'
import { ask, csrFor, ISSUED, meshIssuer, outcomeOf, pending, waiting } from './support-requests.ts'
import { callsOf, mountRoot, rightsOn, tokensOf } from './support-vault.ts'
import { LOGINS } from './support-vault-login.ts'
import { openVaultTeam, TEAM, type VaultTeam } from './support-vault-team.ts'

const REQUESTS = 300
const INTERRUPTED_AFTER = 60

describe(`while ${REQUESTS} requests are open, the Vault server`, { timeout: 240_000 }, () => {
  let team: VaultTeam
  let history: History
  let loginPath: string
  /** How messages name the server. */
  let vault: string
  before(async () => {
    team = await openVaultTeam('vault-outages')
    const { bao, lab } = team
    const rights = rightsOn(await mountRoot(bao, { mount: 'pki', name: 'root' }))
    await team.allow(rights)
    const fixture = { bao, controlPlane: lab.controlPlane, namespace: TEAM, name: 'login', policies: ['mesh-ca'] }
    const { auth, path = '' } = await LOGINS.kubernetes(fixture)
    loginPath = path
    vault = `Vault at ${new URL(bao.address).host}`
    await team.applyReady('login', { vault: { auth } })
    await team.applyReady('token')
    history = await recordRequests(team.kube, TEAM)
  })
  after(async () => {
    history?.stop()
    await team?.stop()
  })

  /** Asks for `count` certificates, and stops in their middle for `interrupt`. */
  async function interrupted(names: readonly string[], issuerName: string, interrupt: Interruption): Promise<void> {
    const { kube } = team
    const issuerRef = meshIssuer(issuerName)
    const asked = names.map((name) => ask(kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef }))
    await history.until('the first certificates', (states) => settledAmong(states, names) >= interrupt.after)
    await interrupt.what()
    await Promise.all(asked)
    await history.until('all certificates', (states) => settledAmong(states, names) === names.length)
    for (const name of names) {
      const states = history.states.get(name) ?? []
      const outcomes = states.map(outcomeOf)
      assert.deepEqual(outcomes.at(-1), ISSUED, name)
      assert.ok(settledOnce(states), name)
      assert.deepEqual(
        outcomes.filter(({ ready }) => ready === 'False/Failed'),
        [],
        name,
      )
    }
  }

  test('is killed and started again: all are issued, and none of them ever failed', async () => {
    const { bao } = team
    const names = numbered('restart', REQUESTS)
    const what = async (): Promise<void> => {
      await bao.stop('SIGKILL')
      assert.ok(settledAmong(history.states, names) < REQUESTS, 'it was killed before all was done')
      await bao.start()
    }
    await interrupted(names, 'login', { after: INTERRUPTED_AFTER, what })
  })

  test('is sealed: requests wait and say so, until it is unsealed', async () => {
    const { bao, kube } = team
    const words = `${vault} is sealed; unseal it`
    const what = async (): Promise<void> => {
      await bao.seal()
      const late = { namespace: TEAM, name: 'late', csr: csrFor('late'), issuerRef: meshIssuer('login') }
      const request = await waiting(kube, await ask(kube, late), /sealed/)
      assert.deepEqual(outcomeOf(request), pending(words))
      await bao.unseal()
    }
    await interrupted(numbered('sealed', REQUESTS), 'login', { after: INTERRUPTED_AFTER, what })
    await history.until('the late one', (states) => settledAmong(states, ['late']) === 1)
  })

  test('has its tokens revoked: the controller logs in once more, and goes on', async () => {
    const { bao } = team
    const logins = await callsOf(bao, new RegExp(`^${loginPath}$`))
    const what = async (): Promise<void> => {
      for (const accessor of await tokensOf(bao, loginPath)) {
        await bao.admin('POST', 'auth/token/revoke-accessor', { accessor })
      }
    }
    await interrupted(numbered('revoked', REQUESTS), 'login', { after: INTERRUPTED_AFTER, what })
    assert.equal(await callsOf(bao, new RegExp(`^${loginPath}$`)), logins + 1)
  })

  test('has the token of a Secret revoked: the issuer says so until it is given another', async () => {
    const { bao, kube } = team
    const words = `${vault} refused the login with the token of its Secret; it is not valid, or has ended: put a new one into the Secret`
    const what = async (): Promise<void> => {
      for (const accessor of await tokensOf(bao, 'auth/token/create-orphan')) {
        await bao.admin('POST', 'auth/token/revoke-accessor', { accessor })
      }
      const shown = await issuerShows(kube, issuerReference(TEAM, 'token'), 'CredentialsReady', 'False')
      const { Ready, CredentialsReady } = conditionsOf(shown)
      const expected = `False/LoginRefused: ${words}`
      assert.deepEqual({ Ready, CredentialsReady }, { Ready: expected, CredentialsReady: expected })
      await team.changeToken()
    }
    await interrupted(numbered('given', REQUESTS), 'token', { after: INTERRUPTED_AFTER, what })
  })
})

interface Interruption {
  /** So many are settled. */
  readonly after: number
  readonly what: () => Promise<void>
}

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, turn) => `${prefix}-${turn}`)
}

function settledAmong(states: States, names: readonly string[]): number {
  return settledIn(new Map([...states].filter(([name]) => names.includes(name))))
}
