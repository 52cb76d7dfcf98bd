import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseCertificates } from '../../src/pki/certificate.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { type Certificate, conditionOf } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReference, requestReference } from '../lab/requests.ts'
import { HOSTILE_TO_WEBHOOK } from './support-csr.ts'
import { tells } from './support-events.ts'
import { type History, issuerWrites, recordRequests } from './support-history.ts'
import { NO_CA, REFUSALS } from './support-refusals.ts'
import {
  answerOf,
  ask,
  certificateRequest,
  csrFor,
  failed,
  ISSUED,
  meshIssuer,
  outcomeOf,
  type RequestFixture,
  settled,
} from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const SPEC = {
  ca: { secretRef: { name: 'ca' } },
  maxPathLength: 1,
  duration: { min: '1h', default: '2160h', max: '4320h' },
  nameConstraints: { permitted: { dnsDomains: ['svc'], uriDomains: ['cluster.local'] } },
}

describe('what a mesh CA issuer refuses', { timeout: 120_000 }, () => {
  let scene: Scene
  let history: History
  before(async () => {
    scene = await openScene({ name: 'refusals', namespaces: ['team'] })
    await scene.kube.apply(caSecret('team', 'ca', await createAuthority({ commonName: 'root' })))
    await scene.kube.apply(issuer({ namespace: 'team', name: 'mesh', spec: SPEC }))
    history = await recordRequests(scene.kube, 'team')
  })
  after(async () => {
    history.stop()
    await scene.stop()
  })

  const asked = (name: string, fixture: Pick<RequestFixture, 'csr' | 'annotations' | 'spec'>): RequestFixture => {
    const { csr, annotations = {}, spec = {} } = fixture
    return { namespace: 'team', name, issuerRef: meshIssuer('mesh'), csr, annotations, spec }
  }

  for (const [row, { what, reason, words, ...fixture }] of REFUSALS.entries()) {
    test(`${what}: failed in words, once`, async () => {
      const name = `refused-${row}`
      const reference = await ask(scene.kube, asked(name, fixture))
      assert.deepEqual(outcomeOf(await settled(scene.kube, reference)), failed(words))
      const subject = { kind: 'CertificateRequest', namespace: 'team', name }
      assert.deepEqual(await tells(scene.kube, subject, reason), { type: 'Warning', reason, note: words })
    })
  }

  test('isCA: false in a Certificate: its owner reads why', async () => {
    const { kube } = scene
    const spec = { isCA: false, usages: ['digital signature'] }
    await kube.apply(meshCertificate({ namespace: 'team', name: 'leaf', issuerName: 'mesh', spec }))
    const certificate = await kube.waitFor<Certificate>(
      certificateReference('team', 'leaf'),
      (object) => conditionOf(object, 'Issuing')?.status === 'False',
    )
    const issuing = conditionOf(certificate, 'Issuing')
    assert.equal(issuing?.reason, 'Failed')
    assert.match(issuing?.message ?? '', new RegExp(`${NO_CA}$`))
    assert.equal(certificate.status?.failedIssuanceAttempts, 1)
    assert.equal(await kube.find(requestReference('team', 'leaf-2')), undefined)
  })

  test('a path length within the maximum is honoured', async () => {
    const reference = await ask(
      scene.kube,
      asked('deep', { csr: csrFor('deep'), annotations: { 'meshca.dev/path-length': '1' } }),
    )
    const request = await settled(scene.kube, reference)
    assert.deepEqual(outcomeOf(request), ISSUED)
    const [certificate] = parseCertificates(answerOf(request).certificate)
    assert.deepEqual(certificate?.basicConstraints, { cA: true, pathLength: 1 })
  })

  test("hostile requests are refused without cert-manager's webhook too", async () => {
    const { kube } = scene
    await removeWebhook(scene, asked('probe', { csr: HOSTILE_TO_WEBHOOK[0]?.csr ?? '' }))
    for (const [row, { what, csr, words }] of HOSTILE_TO_WEBHOOK.entries()) {
      const reference = await ask(kube, asked(`hostile-${row}`, { csr }))
      assert.deepEqual(outcomeOf(await settled(kube, reference)), failed(words), what)
    }
  })

  test('each was written exactly once', async () => {
    const last = await ask(scene.kube, asked('last', { csr: csrFor('last') }))
    await settled(scene.kube, last)
    await history.until('The last request', (states) => issuerWrites(states.get('last') ?? []) > 0)
    const written = [...history.states].map(([name, states]) => [name, issuerWrites(states)])
    const names = [...REFUSALS.keys()].map((row) => `refused-${row}`)
    const hostile = [...HOSTILE_TO_WEBHOOK.keys()].map((row) => `hostile-${row}`)
    const once = [...names, 'leaf-1', 'deep', ...hostile, 'last'].map((name) => [name, 1])
    assert.deepEqual(written, once)
  })
})

/** Takes cert-manager's checks of requests away, as in a cluster that runs without its webhook, and waits until that shows. */
async function removeWebhook({ kube }: Scene, refused: RequestFixture): Promise<void> {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  await kube.delete({ apiVersion, kind: 'ValidatingWebhookConfiguration', name: 'cert-manager-webhook' })
  const path = '/apis/cert-manager.io/v1/namespaces/team/certificaterequests'
  await eventually({ what: 'The end of validation', withinMs: 10_000, everyMs: 20 }, () =>
    kube
      .call({ method: 'POST', path, query: { dryRun: 'All' }, body: certificateRequest(refused) })
      .then(() => true)
      .catch(() => undefined),
  )
}
