import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { type CertificateRequest, type Secret, secretText } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import {
  certificateReady,
  certificateReference,
  renew,
  requestReference,
  secretReference,
  triggerRenewal,
} from '../lab/requests.ts'
import { tells } from './support-events.ts'
import { conditionsOf, issuerReference, issuerShows, type MeshIssuer, READY } from './support-issuers.ts'
import { ISSUED, outcomeOf, pending, waiting } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const DAY_MS = 24 * 3_600_000
const TEAM = 'team'

describe("an issuer's life", { timeout: 120_000 }, () => {
  let scene: Scene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    scene = await openScene({ name: 'issuer-life', namespaces: [TEAM] })
  })
  after(() => scene.stop())

  const signsWith = (name: string, trust: object = {}) =>
    issuer({ namespace: TEAM, name, spec: { ca: { secretRef: { name: `${name}-ca` } }, trust } })
  const holds = (name: string, authority: Authority) => scene.kube.apply(caSecret(TEAM, `${name}-ca`, authority))
  const asks = (name: string) => scene.kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: name }))
  const request = (name: string, revision: number) => requestReference(TEAM, `${name}-${revision}`)
  const stored = (name: string) => scene.kube.get<Secret>(secretReference(TEAM, name))

  test('the request comes first, then the issuer, then its Secret', async () => {
    const { kube } = scene
    await asks('late')
    const absent = await waiting(kube, request('late', 1), /does not exist/)
    const missing = `MeshCAIssuer ${TEAM}/late does not exist; create it, or correct the issuerRef`
    assert.deepEqual(outcomeOf(absent), pending(missing))

    await kube.apply(signsWith('late'))
    const words = "the Secret late-ca does not exist in the issuer's namespace; create it, or correct its name"
    const unready = await issuerShows(kube, issuerReference(TEAM, 'late'), 'Ready', 'False')
    assert.deepEqual(conditionsOf(unready), {
      Ready: `False/SecretNotFound: ${words}`,
      CredentialsReady: `False/SecretNotFound: ${words}`,
      AuthorityReady: 'Unknown/NotReached: an earlier part of the check failed',
      TrustReady: 'Unknown/NotReached: an earlier part of the check failed',
    })
    const told = await tells(kube, { kind: 'MeshCAIssuer', namespace: TEAM, name: 'late' }, 'SecretNotFound')
    assert.deepEqual(told, { type: 'Warning', reason: 'SecretNotFound', note: words })
    const held = await waiting(kube, request('late', 1), /not ready/)
    assert.deepEqual(outcomeOf(held), pending(`MeshCAIssuer ${TEAM}/late is not ready: ${words}`))

    await holds('late', root)
    await certificateReady(kube, certificateReference(TEAM, 'late'))
    assert.deepEqual(outcomeOf(await kube.get<CertificateRequest>(request('late', 1))), ISSUED)
    const ready = await issuerShows(kube, issuerReference(TEAM, 'late'), 'Ready', 'True')
    assert.deepEqual(conditionsOf(ready), READY)
    const secret = await stored('late')
    assert.deepEqual(Object.keys(secret.data ?? {}).sort(), ['ca.crt', 'tls.crt', 'tls.key'])
    assert.equal(secretText(secret, 'ca.crt'), root.rootPem)
    const certificate = new X509Certificate(secretText(secret, 'tls.crt') ?? '')
    assert.ok(certificate.ca && certificate.verify(new X509Certificate(root.certificatePem).publicKey))
    assert.equal(certificate.subject, `O=mesh\nCN=late.${TEAM}`)
  })

  test('becomes unready by a broken Secret and recovers; requests wait in words and go on', async () => {
    const { kube } = scene
    const other = await createAuthority({ commonName: 'root' })
    await holds('shaky', root)
    await kube.apply(signsWith('shaky'))
    await issuerShows(kube, issuerReference(TEAM, 'shaky'), 'Ready', 'True')
    await kube.apply(caSecret(TEAM, 'shaky-ca', { ...root, keyPem: other.keyPem }))
    const unready = await issuerShows(kube, issuerReference(TEAM, 'shaky'), 'Ready', 'False')
    const words = 'tls.key of the CA Secret is not the key of the first certificate in tls.crt'
    assert.deepEqual(conditionsOf(unready), {
      Ready: `False/CaKeyMismatch: ${words}`,
      CredentialsReady: READY.CredentialsReady,
      AuthorityReady: `False/CaKeyMismatch: ${words}`,
      TrustReady: 'Unknown/NotReached: an earlier part of the check failed',
    })
    await asks('shaky')
    const held = await waiting(kube, request('shaky', 1), /not ready/)
    assert.deepEqual(outcomeOf(held), pending(`MeshCAIssuer ${TEAM}/shaky is not ready: ${words}`))
    await holds('shaky', root)
    await certificateReady(kube, certificateReference(TEAM, 'shaky'))
    const ready = await issuerShows(kube, issuerReference(TEAM, 'shaky'), 'Ready', 'True')
    assert.deepEqual(conditionsOf(ready), READY)
  })

  test("a duration past the CA's end waits in words, and goes on when the CA is renewed", async () => {
    const { kube } = scene
    const ending = await createAuthority({ commonName: 'ending', parent: root, lifetimeMs: 2 * DAY_MS })
    await holds('brief', ending)
    await kube.apply(signsWith('brief'))
    await asks('brief')
    const held = await waiting(kube, request('brief', 1), /ends at/)
    const end = ending.certificate.notAfter.toISOString().replace('.000Z', 'Z')
    const { message, ...rest } = outcomeOf(held)
    const words = new RegExp(
      `^CN=ending ends at ${end}, before a certificate of 2160h0m0s would \\(.{20}\\); renew that CA, or ask for a shorter duration$`,
    )
    assert.match(message ?? '', words)
    assert.deepEqual({ message: '', ...rest }, pending(''))
    await holds('brief', await createAuthority({ commonName: 'lasting', parent: root }))
    await certificateReady(kube, certificateReference(TEAM, 'brief'))
    const certificate = new X509Certificate(secretText(await stored('brief'), 'tls.crt') ?? '')
    assert.equal(certificate.validToDate.getTime() - certificate.validFromDate.getTime(), 90 * DAY_MS)
  })

  test('a CA rotated under the same root is taken, with ca.crt unchanged to the byte', async () => {
    const { kube } = scene
    await holds('turning', await createAuthority({ commonName: 'first', parent: root }))
    await kube.apply(signsWith('turning'))
    await asks('turning')
    await certificateReady(kube, certificateReference(TEAM, 'turning'))
    const before = await stored('turning')
    const second = await createAuthority({ commonName: 'second', parent: root })
    await holds('turning', second)
    await kube.waitFor<MeshIssuer>(
      issuerReference(TEAM, 'turning'),
      (object) => object.status?.authority?.subject === 'CN=second',
    )
    await renew(kube, certificateReference(TEAM, 'turning'))
    const after = await stored('turning')
    assert.equal(secretText(after, 'ca.crt'), secretText(before, 'ca.crt'))
    const chain = secretText(after, 'tls.crt') ?? ''
    assert.ok(new X509Certificate(chain).checkIssued(new X509Certificate(second.certificatePem)))
    assert.ok(chain.endsWith(second.certificatePem), 'the intermediate follows the certificate')
    const ready = await issuerShows(kube, issuerReference(TEAM, 'turning'), 'Ready', 'True')
    assert.deepEqual(conditionsOf(ready), READY)
  })

  test('a CA under another root is held back with the safe sequence; its digest lets that change through', async () => {
    const { kube, lab } = scene
    const next = await createAuthority({ commonName: 'next root' })
    await holds('moving', root)
    await kube.apply(signsWith('moving'))
    await asks('moving')
    await certificateReady(kube, certificateReference(TEAM, 'moving'))
    const before = await stored('moving')
    await holds('moving', next)
    const [a, b] = [root, next].map(shortFingerprint)
    const change = `going from signer under ${a} with roots {${a}} to signer under ${b} with roots {${b}} in one step would break handshakes`
    const both = [a, b].sort().join(', ')
    const steps = `1. signer under ${a} with roots {${both}}, 2. signer under ${b} with roots {${both}}, 3. signer under ${b} with roots {${b}}`
    const words = `${change}; go ${steps}, renewing every Certificate after each; to let this one change through all the same, set trust.acceptUnsafeChange to `
    const held = await issuerShows(kube, issuerReference(TEAM, 'moving'), 'TrustReady', 'False')
    const { TrustReady = '', ...others } = conditionsOf(held)
    const digest = /[0-9a-f]{64}$/.exec(TrustReady)?.[0] ?? ''
    assert.equal(TrustReady, `False/TrustChangeUnsafe: ${TEAM}/moving: ${words}${digest}`)
    const { TrustReady: _, ...fine } = READY
    assert.deepEqual(others, {
      ...fine,
      Ready: 'True/Checked: the issuer can sign; a change of trust is held back (see TrustReady)',
    })

    await triggerRenewal(kube, certificateReference(TEAM, 'moving'))
    const waits = await waiting(kube, request('moving', 2), /./)
    assert.deepEqual(outcomeOf(waits), pending(`${words}${digest}`))
    assert.deepEqual((await stored('moving')).data, before.data)

    // cert-manager keeps one finished request of a Certificate, and counts the waiting one: what is carried must outlive both.
    await kube.waitUntilGone(request('moving', 1))
    await scene.controller.stop()
    const again = await startController(lab.controlPlane, { name: 'again' })
    await again.program.log.waitFor(/"acting"/)
    await kube.apply(signsWith('moving', { acceptUnsafeChange: '0'.repeat(64) }))
    const still = await issuerShows(kube, issuerReference(TEAM, 'moving'), 'TrustReady', 'False')
    assert.equal(conditionsOf(still).TrustReady, TrustReady)
    assert.deepEqual(outcomeOf(await kube.get<CertificateRequest>(request('moving', 2))), outcomeOf(waits))

    await kube.apply(signsWith('moving', { acceptUnsafeChange: digest }))
    await kube.waitFor<Secret>(
      secretReference(TEAM, 'moving'),
      (secret) => secretText(secret, 'ca.crt') === next.rootPem,
    )
    const issued = await kube.get<CertificateRequest>(request('moving', 2))
    assert.deepEqual(outcomeOf(issued), ISSUED)
    assert.equal(
      conditionsOf(issued)['meshca.dev/TrustPair'],
      `True/UnsafeChangeAccepted: signer under ${b} with roots {${b}}`,
    )
    const told = await tells(kube, { kind: 'CertificateRequest', namespace: TEAM, name: 'moving-2' }, 'TrustSetChanged')
    assert.equal(told.type, 'Warning')
    const ready = await issuerShows(kube, issuerReference(TEAM, 'moving'), 'TrustReady', 'True')
    assert.deepEqual(conditionsOf(ready), READY)
  })
})

function shortFingerprint({ certificatePem }: Authority): string {
  return new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 12)
}
