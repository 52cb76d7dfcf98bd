import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Controller, startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { caArn, installed } from '../lab/acm-pca.ts'
import { eventually } from '../lab/eventually.ts'
import { type Secret, secretText } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { openPromtool } from '../lab/promtool.ts'
import { certificateReady, certificateReference, secretReference } from '../lab/requests.ts'
import { AWS_ARGS, type AwsScene, awsIssuer, openAwsScene } from '../stories/support-aws.ts'
import { issuerReference, issuerShows } from '../stories/support-issuers.ts'

const TEAM = 'team'

describe('what the metrics of a process say', { timeout: 120_000 }, () => {
  let scene: AwsScene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    const authorities = [installed(caArn(1), await createAuthority({ commonName: 'aws root' }))]
    scene = await openAwsScene({ name: 'status-metrics', namespaces: [TEAM], aws: { authorities } })
    const { kube } = scene
    await kube.apply(caSecret(TEAM, 'ca', root))
    await kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'istio-ca', issuerName: 'mesh' }))
    await certificateReady(kube, certificateReference(TEAM, 'istio-ca'))
    await issuerShows(kube, issuerReference(TEAM, 'mesh'), 'Ready', 'True')
  })
  after(() => scene?.stop())

  const shown = async ({ get }: Pick<Controller, 'get'> = scene.controller): Promise<string> =>
    (await get('/metrics')).body
  /** Samples without what counts work, which a process forgets; in an order of their own. */
  const gauges = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => /^meshca_(?:issuer|intermediate|requests\{|unlisted)/.test(line))
      .sort()
  /** Of AWS's quota, by its labels. */
  const quota = (text: string, what: string): Readonly<Record<string, number>> =>
    Object.fromEntries(
      [...text.matchAll(new RegExp(`^meshca_issuer_quota_${what}\\{(.*)\\} (\\S+)$`, 'gm'))].map(
        ([, labels = '', value]) => [labels, Number(value)],
      ),
    )
  const seconds = (instant: string): number => Date.parse(instant) / 1000

  test('issuer, root and intermediate, as they are', async () => {
    const body = await shown()
    const secret = await scene.kube.get<Secret>(secretReference(TEAM, 'istio-ca'))
    const { validFrom, validTo } = new X509Certificate(secretText(secret, 'tls.crt') ?? '')
    const [start, end] = [seconds(validFrom), seconds(validTo)]
    const [rootStart, rootEnd] = [
      root.certificate.notBefore.getTime() / 1000,
      root.certificate.notAfter.getTime() / 1000,
    ]
    const fingerprint = new X509Certificate(root.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()
    const lines = gauges(body)
    const issuerLabels = 'kind="MeshCAIssuer",issuer="team/mesh"'
    for (const line of [
      `meshca_issuer_ready{${issuerLabels}} 1`,
      `meshca_issuer_authority_not_after_timestamp_seconds{${issuerLabels}} ${rootEnd}`,
      `meshca_issuer_authority_not_before_timestamp_seconds{${issuerLabels}} ${rootStart}`,
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

  test('how the quota of AWS stands, for a process that acts and as long as the issuer is there', async () => {
    const { kube, aws, lab } = scene
    aws.faults.plan({ fault: { kind: 'throttle' }, operation: 'IssueCertificate' })
    await kube.apply(awsIssuer(aws, { namespace: TEAM, name: 'aws', arn: caArn(1) }))
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'aws-ca', issuerName: 'aws' }))
    await certificateReady(kube, certificateReference(TEAM, 'aws-ca'))
    const of = (operation: string) => `kind="MeshCAIssuer",issuer="${TEAM}/aws",operation="${operation}"`
    const [orders, polls] = [of('IssueCertificate'), of('GetCertificate')]
    const text = await shown()
    const { [orders]: rate = Number.NaN, ...others } = quota(text, 'calls_per_second')
    // Half of the 25 that it began with, and one more if the order came as soon as it might.
    assert.ok([12.5, 13.5].includes(rate), `${rate}`)
    assert.deepEqual(others, { [polls]: 75 })
    assert.deepEqual(quota(text, 'waiting_requests'), { [orders]: 0, [polls]: 0 })
    const left = quota(text, 'tokens')[orders] ?? Number.NaN
    assert.ok(left >= 0 && left <= rate, `${left}`)

    const promtool = await openPromtool(lab.workspace)
    assert.deepEqual(await promtool(['check', 'metrics'], text), { code: 0, text: '' })

    const standby = await startController(lab.controlPlane, { name: 'other', args: AWS_ARGS })
    await standby.ready()
    assert.deepEqual(quota(await shown(standby), 'tokens'), {})
    await standby.stop()
    await kube.delete(issuerReference(TEAM, 'aws'))
    const gone = async (): Promise<true | undefined> =>
      Object.keys(quota(await shown(), 'tokens')).length === 0 ? true : undefined
    await eventually({ what: 'An end of the series', withinMs: 30_000, everyMs: 50 }, gone)
  })

  test('issuer, root and intermediate, where a process stands by, and after a restart', async () => {
    const before = gauges(await shown())
    const standby = await startController(scene.lab.controlPlane, { name: 'standby' })
    await standby.ready()
    assert.deepEqual(gauges(await shown(standby)), before)
    await scene.controller.stop()
    await standby.stop()
    const restarted = await startController(scene.lab.controlPlane, { name: 'restarted' })
    await restarted.ready()
    assert.deepEqual(gauges(await shown(restarted)), before)
  })
})
