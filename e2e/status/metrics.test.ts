import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { type Secret, secretText } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference, secretReference } from '../lab/requests.ts'
import { issuerReference, issuerShows } from '../stories/support-issuers.ts'
import { openScene, type Scene } from '../stories/support-scene.ts'

const TEAM = 'team'

describe('what ends when is in the metrics', { timeout: 120_000 }, () => {
  let scene: Scene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    scene = await openScene({ name: 'status-metrics', namespaces: [TEAM] })
    const { kube } = scene
    await kube.apply(caSecret(TEAM, 'ca', root))
    await kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'istio-ca', issuerName: 'mesh' }))
    await certificateReady(kube, certificateReference(TEAM, 'istio-ca'))
    await issuerShows(kube, issuerReference(TEAM, 'mesh'), 'Ready', 'True')
  })
  after(() => scene?.stop())

  /** Samples without what counts work, which a process forgets. */
  const gauges = (text: string): readonly string[] =>
    text.split('\n').filter((line) => /^meshca_(?:issuer|intermediate|requests\{|unlisted)/.test(line))
  const seconds = (instant: string): number => Date.parse(instant) / 1000

  test('of issuer, root and intermediate, as they are', async () => {
    const { body } = await scene.controller.get('/metrics')
    const secret = await scene.kube.get<Secret>(secretReference(TEAM, 'istio-ca'))
    const { validFrom, validTo } = new X509Certificate(secretText(secret, 'tls.crt') ?? '')
    const [start, end] = [seconds(validFrom), seconds(validTo)]
    const rootEnd = root.certificate.notAfter.getTime() / 1000
    const fingerprint = new X509Certificate(root.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()
    const lines = gauges(body)
    const issuerLabels = 'kind="MeshCAIssuer",issuer="team/mesh"'
    for (const line of [
      `meshca_issuer_ready{${issuerLabels}} 1`,
      `meshca_issuer_authority_not_after_timestamp_seconds{${issuerLabels}} ${rootEnd}`,
      `meshca_issuer_root_not_after_timestamp_seconds{${issuerLabels}} ${rootEnd}`,
      `meshca_issuer_default_duration_seconds{${issuerLabels}} 7776000`,
      `meshca_intermediate_not_after_timestamp_seconds{certificate="team/istio-ca"} ${end}`,
      `meshca_intermediate_renewal_timestamp_seconds{certificate="team/istio-ca"} ${start + ((end - start) * 2) / 3}`,
      'meshca_requests{kind="CertificateRequest",state="settled"} 1',
    ])
      assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`)
    assert.ok(lines.some((line) => line.startsWith('meshca_issuer_trust_bundle_info') && line.includes(fingerprint)))
    const issued = 'backend="CA",kind="CertificateRequest"'
    assert.match(body, new RegExp(`^meshca_requests_total\\{${issued},outcome="Issued"\\} 1$`, 'm'))
    assert.match(body, new RegExp(`^meshca_issuance_seconds_count\\{${issued}\\} 1$`, 'm'))
    assert.match(body, /^meshca_sign_seconds_count\{backend="CA",outcome="issued"\} 1$/m)
  })

  test('and so they are for a process that stands by, and after a restart', async () => {
    const before = gauges((await scene.controller.get('/metrics')).body)
    const standby = await startController(scene.lab.controlPlane, { name: 'standby' })
    await standby.ready()
    assert.deepEqual(gauges((await standby.get('/metrics')).body), before)
    await scene.controller.stop()
    await standby.stop()
    const restarted = await startController(scene.lab.controlPlane, { name: 'restarted' })
    await restarted.ready()
    assert.deepEqual(gauges((await restarted.get('/metrics')).body), before)
  })
})
