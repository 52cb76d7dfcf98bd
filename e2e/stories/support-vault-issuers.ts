import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { meshCertificate } from '../harness/objects.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'
import { certificateReady, certificateReference, renew, requestReference } from '../lab/requests.ts'
import { describeCertificate, fingerprintOf } from './mesh-certificates.ts'
import { conditionsOf, issuerReference, issuerShows, type MeshIssuer } from './support-issuers.ts'
import { answerOf, outcomeOf, pending, waiting } from './support-requests.ts'
import { callsOf, type MountedCa, mountIntermediate, mountRoot, rightsOn } from './support-vault.ts'
import { TEAM, type VaultTeam } from './support-vault-team.ts'

/** Mount of two CAs below one root. */
const FLEET = 'pki-fleet'

/** Registers the stories of what an issuer shows and follows. */
export function issuerStories(opened: () => VaultTeam): void {
  describe('an issuer in Vault', () => testIssuers(opened))
}

function testIssuers(opened: () => VaultTeam): void {
  let team: VaultTeam
  let first: MountedCa
  let second: MountedCa
  before(async () => {
    team = opened()
    const root = await mountRoot(team.bao, { mount: 'pki-fleet-root', name: 'root' })
    first = await mountIntermediate(team.bao, { mount: FLEET, name: 'first', maxPathLength: 1 }, root)
    second = await mountIntermediate(team.bao, { mount: FLEET, name: 'second', maxPathLength: 1 }, root)
  })

  const moveDefault = (to: string): Promise<unknown> =>
    team.bao.admin('POST', 'pki-fleet/config/issuers', { default: to })
  const apply = (name: string, issuerName: string): Promise<unknown> =>
    team.kube.apply(meshCertificate({ namespace: TEAM, name, issuerName }))
  const signerOf = async (name: string): Promise<string> => {
    const request = await team.kube.get<CertificateRequest>(requestReference(TEAM, name))
    return describeCertificate(answerOf(request).certificate).issuer
  }

  test('says which path and which capability its policy lacks, and goes on when it is granted', async () => {
    const { kube, bao } = team
    const sign = 'pki-fleet/issuer/default/sign-intermediate'
    const words = `the login at Vault at ${new URL(bao.address).host} lacks the capability update on ${sign}; add to its policy: path "${sign}" { capabilities = ["update"] }`
    await team.allow({ ...rightsOn(first), [sign]: ['read'] })
    await team.applyIssuer('moving', { vault: { mount: FLEET } })
    const shown = await issuerShows(kube, issuerReference(TEAM, 'moving'), 'Ready', 'False')
    assert.equal(conditionsOf(shown).CredentialsReady, `False/PermissionMissing: ${words}`)
    await apply('moving', 'moving')
    const request = await waiting(kube, requestReference(TEAM, 'moving-1'), /lacks/)
    assert.deepEqual(outcomeOf(request), pending(`MeshCAIssuer ${TEAM}/moving is not ready: ${words}`))
    await team.allow(rightsOn(first))
    await certificateReady(kube, certificateReference(TEAM, 'moving'))
    assert.equal(await signerOf('moving-1'), 'CN=first')
  })

  test('follows the default issuer of the mount, whose roots stay the same', async () => {
    await moveDefault('second')
    await team.kube.waitFor<MeshIssuer>(issuerReference(TEAM, 'moving'), authorityIs('CN=second'))
    await renew(team.kube, certificateReference(TEAM, 'moving'))
    assert.equal(await signerOf('moving-2'), 'CN=second')
    await moveDefault('first')
  })

  test('does not follow it away from the fingerprint that is named', async () => {
    const { kube } = team
    const [one, two] = [first, second].map(({ certificatePem }) => fingerprintOf(certificatePem))
    await team.applyReady('pinned', { vault: { mount: FLEET, issuerFingerprint: one } })
    await moveDefault('second')
    const shown = await issuerShows(kube, issuerReference(TEAM, 'pinned'), 'AuthorityReady', 'False')
    const words = `pki-fleet/issuer/default has the fingerprint ${two}, and vault.issuerFingerprint asks for ${one}; if the change is meant, change the fingerprint`
    assert.equal(conditionsOf(shown).Ready, `False/IssuerFingerprintDiffers: ${words}`)
    await apply('pinned', 'pinned')
    const request = await waiting(kube, requestReference(TEAM, 'pinned-1'), /fingerprint/)
    assert.deepEqual(outcomeOf(request), pending(`MeshCAIssuer ${TEAM}/pinned is not ready: ${words}`))
    await kube.patch(issuerReference(TEAM, 'pinned'), { spec: { vault: { issuerFingerprint: two } } })
    await certificateReady(kube, certificateReference(TEAM, 'pinned'))
    assert.equal(await signerOf('pinned-1'), 'CN=second')
  })

  test('takes back what a role cut short, and asks for no more of it', async () => {
    const { kube, bao } = team
    const role = 'curt'
    await bao.admin('POST', `pki-fleet/roles/${role}`, { allow_any_name: true, max_ttl: '1h' })
    const path = `pki-fleet/issuer/default/sign-verbatim/${role}`
    await team.allow({ [path]: ['update'], 'pki-fleet/revoke': ['update'] })
    await team.applyReady(role, { vault: { mount: FLEET, role }, spec: { profile: 'EndEntity' } })
    const spec = { isCA: false, duration: '24h', renewBefore: '8h', usages: ['digital signature', 'server auth'] }
    await kube.apply(meshCertificate({ namespace: TEAM, name: role, issuerName: role, spec }))
    const request = await waiting(kube, requestReference(TEAM, `${role}-1`), /gives at most/)
    const words =
      'the secrets engine pki-fleet gives at most 3600 s, less than was asked for; raise its max-lease-ttl, or the max_ttl of role curt, or ask for a shorter duration'
    assert.deepEqual(outcomeOf(request), pending(words))
    assert.equal(await callsOf(bao, /^pki-fleet\/revoke$/), 1)
    await team.controller.program.log.waitFor(/was signed and is given to nobody; it was revoked/)
    assert.equal(await callsOf(bao, new RegExp(`^${path}$`)), 1)
    await bao.admin('POST', `pki-fleet/roles/${role}`, { allow_any_name: true, max_ttl: '24h' })
    await kube.patch(issuerReference(TEAM, role), { spec: { duration: { max: '3000h' } } })
    await certificateReady(kube, certificateReference(TEAM, role))
    assert.equal(await callsOf(bao, new RegExp(`^${path}$`)), 2)
  })
}

function authorityIs(subject: string): (issuer: MeshIssuer) => boolean {
  return ({ status }) => status?.authority?.subject === subject
}
