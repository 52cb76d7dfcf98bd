import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { parseCertificates } from '../../src/pki/certificate.ts'
import { meshCertificate } from '../harness/objects.ts'
import { readEnvironment } from '../lab/environment.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'
import { certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import { vaultMaker } from '../lab/vault-maker.ts'
import { canonicalBlocks, canonicalRoots, describeCertificate } from './mesh-certificates.ts'
import { answerOf, failed, outcomeOf, settled, waiting } from './support-requests.ts'
import { type MountedCa, mountRoot, rightsOn } from './support-vault.ts'
import { TEAM, type VaultTeam } from './support-vault-team.ts'

const HOUR_MS = 3_600_000
/** Why a test has nothing to show. */
const NOT_OF_VAULT = vaultMaker(readEnvironment()) === 'HashiCorp' && 'HashiCorp Vault adds all name constraints'
const NOT_OF_OPENBAO = vaultMaker(readEnvironment()) === 'OpenBao' && 'OpenBao adds permitted DNS names only'

/** Registers the stories of what is signed. */
export function certificateStories(opened: () => VaultTeam): void {
  describe('certificates of a CA in Vault', () => testCertificates(opened))
}

function testCertificates(opened: () => VaultTeam): void {
  let team: VaultTeam
  let root: MountedCa
  let other: MountedCa
  before(async () => {
    team = opened()
    root = await mountRoot(team.bao, { mount: 'pki', name: 'root' })
    other = await mountRoot(team.bao, { mount: 'pki', name: 'other' })
    await team.bao.admin('POST', 'pki/roles/leaf', { allow_any_name: true, enforce_hostnames: false, max_ttl: '720h' })
    const leaves = { 'pki/issuer/default/sign/leaf': ['update'], 'pki/issuer/default/sign-verbatim/leaf': ['update'] }
    await team.allow({ ...rightsOn(root), ...rightsOn(root, 'root'), ...rightsOn(root, 'other'), ...leaves })
    await team.applyReady('mesh', { spec: { maxPathLength: 2 } })
  })

  interface Asked {
    readonly issuerName?: string
    readonly spec?: Readonly<Record<string, unknown>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  const apply = (name: string, { issuerName = 'mesh', ...more }: Asked): Promise<unknown> =>
    team.kube.apply(meshCertificate({ namespace: TEAM, name, issuerName, ...more }))

  /** The answer to a Certificate's first request. */
  async function issue(name: string, asked: Asked): Promise<ReturnType<typeof answerOf>> {
    await apply(name, asked)
    await certificateReady(team.kube, certificateReference(TEAM, name))
    return answerOf(await team.kube.get<CertificateRequest>(requestReference(TEAM, `${name}-1`)))
  }

  test('hold the whole subject, the life and the usages that were asked for', async () => {
    const subject = {
      organizations: ['mesh'],
      organizationalUnits: ['platform'],
      countries: ['DE'],
      provinces: ['Berlin'],
      localities: ['Berlin'],
    }
    const { certificate, ca } = await issue('subject', { spec: { subject, commonName: 'istiod', duration: '1000h' } })
    assert.equal(ca, canonicalRoots(root.rootPem))
    const { keyIdentifier, lifetimeMs, ...described } = describeCertificate(certificate)
    assert.match(keyIdentifier ?? '', /^[0-9a-f]{40}$/)
    assert.deepEqual(
      { ...described, hours: hoursOf(lifetimeMs) },
      {
        subject: 'C=DE, ST=Berlin, L=Berlin, O=mesh, OU=platform, CN=istiod',
        issuer: 'CN=root',
        pathLength: 0,
        isCA: true,
        keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
        extendedKeyUsage: false,
        signerKeyIdentifier: describeCertificate(root.certificatePem).keyIdentifier,
        hours: 1000,
      },
    )
  })

  test('have the path length that is wished for', async () => {
    const wishes = [undefined, 0, 1, 2]
    const lengths = await Promise.all(
      wishes.map(async (wish) => {
        const annotations = wish === undefined ? {} : { 'meshca.dev/path-length': String(wish) }
        const { certificate } = await issue(`path-length-${wish ?? 'none'}`, { annotations })
        return describeCertificate(certificate).pathLength
      }),
    )
    assert.deepEqual(lengths, [0, 0, 1, 2])
  })

  describe('with name constraints', () => {
    const permitted = { dnsDomains: ['svc'], uriDomains: ['cluster.local'] }
    const excluded = { dnsDomains: ['closed.svc'], ipRanges: ['10.0.0.0/8'] }
    const stated = { critical: true, permitted, excluded }
    const constraintsOf = (pem: string): object | undefined => parseCertificates(pem)[0]?.nameConstraints
    const whole = (subtrees: object): object => ({
      ...{ dnsDomains: [], uriDomains: [], ipRanges: [], emailAddresses: [] },
      ...subtrees,
    })

    test('carry those of the Certificate, whole', async () => {
      const { certificate } = await issue('stated', { spec: { nameConstraints: stated } })
      const expected = { critical: true, permitted: whole(permitted), excluded: whole(excluded) }
      assert.deepEqual(constraintsOf(certificate), expected)
    })

    test('carry those of the issuer where the server can add them', async () => {
      const permittedDNS = { dnsDomains: ['svc'] }
      await team.applyReady('dns', { spec: { nameConstraints: { permitted: permittedDNS } } })
      const { certificate } = await issue('added', { issuerName: 'dns' })
      const expected = { critical: true, permitted: whole(permittedDNS), excluded: whole({}) }
      assert.deepEqual(constraintsOf(certificate), expected)
    })

    test('carry all of those of the issuer, of every kind', { skip: NOT_OF_OPENBAO }, async () => {
      const mixed = {
        permitted: { ...permitted, emailAddresses: ['mesh.example'] },
        excluded: { ...excluded, uriDomains: ['.closed.local'], emailAddresses: ['ops@mesh.example'] },
      }
      await team.applyReady('mixed', { spec: { nameConstraints: mixed } })
      const { certificate } = await issue('all-added', { issuerName: 'mixed' })
      const expected = { critical: true, permitted: whole(mixed.permitted), excluded: whole(mixed.excluded) }
      assert.deepEqual(constraintsOf(certificate), expected)
    })

    test('are refused in words where it cannot, unless the Certificate states them', {
      skip: NOT_OF_VAULT,
    }, async () => {
      await team.applyReady('all', { spec: { nameConstraints: stated } })
      await apply('unstated', { issuerName: 'all' })
      const request = await settled(team.kube, requestReference(TEAM, 'unstated-1'))
      const words = `the issuer's name constraints cannot be put into the certificate: this Vault server cannot add them (it has no excluded_dns_domains); state all of them in the CSR (spec.nameConstraints of the Certificate)`
      assert.deepEqual(outcomeOf(request), failed(words))
      await issue('restated', { issuerName: 'all', spec: { nameConstraints: stated } })
    })
  })

  test('come from the issuer of the mount that the spec names', async () => {
    await team.applyReady('other', { vault: { issuerRef: 'other' } })
    const [one, two] = await Promise.all([issue('of-root', {}), issue('of-other', { issuerName: 'other' })])
    assert.deepEqual(
      [one, two].map(({ certificate }) => describeCertificate(certificate).issuer),
      ['CN=root', 'CN=other'],
    )
    assert.equal(two.ca, canonicalRoots(other.rootPem))
  })

  test('that are no CA are signed with the role', async () => {
    await team.applyReady('leaves', {
      vault: { role: 'leaf' },
      spec: { profile: 'EndEntity', duration: { default: '24h' } },
    })
    const spec = {
      isCA: false,
      duration: '24h',
      renewBefore: '8h',
      dnsNames: ['a.example'],
      uris: ['spiffe://cluster.local/ns/a/sa/b'],
      usages: ['digital signature', 'server auth', 'client auth'],
    }
    const { certificate } = await issue('leaf', { issuerName: 'leaves', spec })
    const { isCA, issuer, lifetimeMs, keyUsage } = describeCertificate(canonicalBlocks(certificate)[0] ?? '')
    assert.deepEqual(
      { isCA, issuer, hours: hoursOf(lifetimeMs), keyUsage },
      { isCA: false, issuer: 'CN=root', hours: 24, keyUsage: ['digitalSignature'] },
    )
  })

  test('that would outlive their CA wait and say so, and shorter ones are issued', async () => {
    const short = await mountRoot(team.bao, { mount: 'pki-short', name: 'short', ttl: '48h' })
    await team.allow(rightsOn(short))
    await team.applyReady('short', { vault: { mount: 'pki-short' } })
    await apply('long', { issuerName: 'short' })
    const request = await waiting(
      team.kube,
      requestReference(TEAM, 'long-1'),
      /^CN=short ends at .*, before a certificate of 2160h/,
    )
    assert.match(outcomeOf(request).message ?? '', /renew that CA, or ask for a shorter duration$/)
    const { certificate } = await issue('brief', { issuerName: 'short', spec: { duration: '24h', renewBefore: '8h' } })
    assert.equal(hoursOf(describeCertificate(certificate).lifetimeMs), 24)
  })
}

/** Whole hours, of which a second may be missing: the server reads its clock twice, and one may begin between. */
function hoursOf(lifetimeMs: number): number {
  const hours = Math.ceil(lifetimeMs / HOUR_MS)
  assert.ok(hours * HOUR_MS - lifetimeMs <= 1000, `${lifetimeMs} ms`)
  return hours
}
