import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { meshCertificate } from '../harness/objects.ts'
import { readEnvironment } from '../lab/environment.ts'
import { eventually } from '../lab/eventually.ts'
import { type Secret, secretText } from '../lab/kube-objects.ts'
import type { OpenBao } from '../lab/openbao.ts'
import { certificateReady, certificateReference, secretReference } from '../lab/requests.ts'
import { vaultMaker } from '../lab/vault-maker.ts'
import { canonicalRoots } from './mesh-certificates.ts'
import { conditionsOf, issuerReference, issuerShows } from './support-issuers.ts'
import { mountRoot, rightsOn, tokensOf, writePolicy } from './support-vault.ts'
import { LOGINS } from './support-vault-login.ts'
import { openVaultTeam, TEAM, type VaultTeam } from './support-vault-team.ts'

const SOON = { withinMs: 10_000, everyMs: 25 }
const NAME = 'inside'
const MAKER = vaultMaker(readEnvironment())
const NEEDS_NAMESPACES = { skip: MAKER === 'HashiCorp' && 'only the Enterprise edition of Vault has namespaces' }
const NEEDS_NONE = { skip: MAKER === 'OpenBao' && 'OpenBao has namespaces' }

describe('a namespace of the Vault server', { timeout: 120_000 }, () => {
  let team: VaultTeam
  before(async () => {
    team = await openVaultTeam('vault-namespaces')
  })
  after(() => team?.stop())

  /** What the issuer shows of its login. */
  async function shown(vault: Readonly<Record<string, unknown>>): Promise<string> {
    await team.applyIssuer(NAME, { vault })
    const issuer = await issuerShows(team.kube, issuerReference(TEAM, NAME), 'CredentialsReady', 'False')
    await team.kube.delete(issuerReference(TEAM, NAME))
    return conditionsOf(issuer).CredentialsReady ?? ''
  }

  test('holds mount, policy and login, and a wrong one is told', NEEDS_NAMESPACES, async () => {
    const { bao, lab, kube } = team
    await bao.admin('POST', 'sys/namespaces/mesh')
    const inside = { ...bao, admin: within(bao, 'mesh') }
    const root = await mountRoot(inside, { mount: 'pki', name: NAME })
    const policies = [await writePolicy(inside, 'mesh-ca', rightsOn(root))]
    const fixture = { bao: inside, controlPlane: lab.controlPlane, namespace: TEAM, name: NAME, policies }
    const { auth, path = '' } = await LOGINS.kubernetes(fixture)
    await team.applyReady(NAME, { vault: { namespace: 'mesh', auth } })
    await kube.apply(meshCertificate({ namespace: TEAM, name: NAME, issuerName: NAME }))
    await certificateReady(kube, certificateReference(TEAM, NAME))
    const secret = await kube.get<Secret>(secretReference(TEAM, NAME))
    assert.equal(secretText(secret, 'ca.crt'), canonicalRoots(root.rootPem))
    assert.equal((await tokensOf(inside, path)).length, 1)
    await kube.delete(issuerReference(TEAM, NAME))
    await eventually(
      { ...SOON, what: 'No token' },
      async () => (await tokensOf(inside, path)).length === 0 || undefined,
    )
    assert.match(
      await shown({ namespace: 'nobody', auth }),
      /^False\/NamespaceNotFound: Vault at \S+ has no namespace nobody; create it, or correct vault\.namespace$/,
    )
    assert.match(
      await shown({ auth }),
      /^False\/LoginRefused: Vault at \S+ refused the login .*; check the mount, vault\.namespace, /,
    )
  })

  test('is told of where the server would ignore it', NEEDS_NONE, async () => {
    assert.match(
      await shown({ namespace: 'mesh' }),
      /^False\/NamespacesIgnored: Vault at \S+ has no namespaces, and would sign outside of mesh; leave vault\.namespace out, /,
    )
  })
})

/** Calls of the administrator whose paths are below a namespace. */
function within(bao: OpenBao, namespace: string): OpenBao['admin'] {
  return (method, path, body) => bao.admin(method, `${namespace}/${path}`, body)
}
