import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { installCRDs } from '../harness/install.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { untilJudged } from '../lab/access-review.ts'
import type { Kube } from '../lab/kube.ts'
import { type Certificate, type CertificateRequest, conditionOf } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { approve, certificateReady, certificateReference, deny, requestReference } from '../lab/requests.ts'
import { tells, told } from './support-events.ts'
import { ask, csrFor, ISSUED, meshClusterIssuer, type Outcome, outcomeOf, settled } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const DENIED: Outcome = {
  ready: 'False/Denied',
  message: 'an approver denied the request, so it will never be signed',
  certificate: false,
  ca: false,
  failureTime: true,
}

describe('approval', { timeout: 120_000 }, () => {
  let scene: Scene
  let root: Authority
  before(async () => {
    root = await createAuthority({ commonName: 'root' })
    scene = await openScene({ name: 'approval', namespaces: ['team'], crds: false })
  })
  after(() => scene.stop())

  test('is refused while the kind is not installed, and goes on once it is', async () => {
    const { kube, controller } = scene
    const plurals = ['meshcaissuers', 'meshcaclusterissuers']
    for (const plural of plurals) await controller.program.log.waitFor(new RegExp(`watch ${plural}`))
    const remedy = 'the API server does not know them; install their CustomResourceDefinition'
    assert.deepEqual(await controller.get('/readyz'), {
      status: 503,
      body: plurals.map((plural) => `the list of ${plural} is not complete: ${remedy}\n`).join(''),
    })
    await kube.apply(meshCertificate({ namespace: 'team', name: 'early', issuerName: 'mesh' }))
    const early = requestReference('team', 'early-1')
    await kube.waitFor(early, () => true)
    await assert.rejects(approve(kube, early), /referenced signer resource does not exist/)
    assert.equal(conditionOf(await kube.get<CertificateRequest>(early), 'Approved'), undefined)
    await installCRDs(kube)
    await kube.apply(caSecret('team', 'ca', root))
    await kube.apply(issuer({ namespace: 'team', name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    await controller.ready()
    await certificateReady(kube, certificateReference('team', 'early'))
    const request = await kube.get<CertificateRequest>(early)
    assert.equal(conditionOf(request, 'Approved')?.reason, 'cert-manager.io')
    assert.deepEqual(outcomeOf(request), ISSUED)
  })

  test('without it nothing at all is written, with it the certificate is issued', async () => {
    const { kube } = scene
    await withholdApproval(kube)
    await kube.apply(caSecret('mesh-ca-issuer', 'ca', root))
    const spec = { ca: { secretRef: { name: 'ca' } }, allowedNamespaces: { names: ['team'] } }
    await kube.apply(issuer({ name: 'mesh', spec }))
    const unapproved = await ask(kube, {
      namespace: 'team',
      name: 'unapproved',
      csr: csrFor('unapproved'),
      issuerRef: meshClusterIssuer('mesh'),
    })
    const asked = await kube.get<CertificateRequest>(unapproved)
    const other = await ask(kube, {
      namespace: 'team',
      name: 'other',
      csr: csrFor('other'),
      issuerRef: meshClusterIssuer('mesh'),
    })
    await approve(kube, other)
    assert.deepEqual(outcomeOf(await settled(kube, other)), ISSUED)
    await tells(kube, { kind: 'CertificateRequest', namespace: 'team', name: 'other' }, 'Issued')
    assert.deepEqual(await kube.get(unapproved), asked)
    assert.deepEqual(await told(kube, { kind: 'CertificateRequest', namespace: 'team', name: 'unapproved' }), [])
    await approve(kube, unapproved)
    assert.deepEqual(outcomeOf(await settled(kube, unapproved)), ISSUED)
  })

  test('denied: the request says so for good, and the Certificate learns of it', async () => {
    const { kube } = scene
    await kube.apply(
      meshCertificate({ namespace: 'team', name: 'denied', issuerKind: 'MeshCAClusterIssuer', issuerName: 'mesh' }),
    )
    const reference = requestReference('team', 'denied-1')
    await kube.waitFor(reference, () => true)
    await deny(kube, reference)
    assert.deepEqual(outcomeOf(await settled(kube, reference)), DENIED)
    const subject = { kind: 'CertificateRequest', namespace: 'team', name: 'denied-1' }
    assert.deepEqual(await tells(kube, subject, 'Denied'), { type: 'Warning', reason: 'Denied', note: DENIED.message })
    const certificate = await kube.waitFor<Certificate>(
      certificateReference('team', 'denied'),
      (object) => conditionOf(object, 'Issuing')?.status === 'False',
    )
    assert.equal(certificate.status?.failedIssuanceAttempts, 1)
    await assert.rejects(approve(kube, reference), /both 'Denied' and 'Approved' conditions cannot coexist/)
  })

  test('denied and never approved, with no issuer at all: the denial is noted all the same', async () => {
    const { kube } = scene
    const reference = await ask(kube, {
      namespace: 'team',
      name: 'orphan',
      csr: csrFor('orphan'),
      issuerRef: meshClusterIssuer('missing'),
    })
    await deny(kube, reference)
    const request = await settled(kube, reference)
    assert.deepEqual(outcomeOf(request), DENIED)
    assert.equal(conditionOf(request, 'Approved'), undefined)
  })
})

/**
 * Takes back what lets cert-manager approve, so that approval is left to the test. Its webhook remembers what it was once
 * allowed for a kind, hence the later tests ask a kind that was not asked before.
 */
async function withholdApproval(kube: Kube): Promise<void> {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  await kube.delete({ apiVersion, kind: 'ClusterRoleBinding', name: 'mesh-ca-issuer-approver' })
  await untilJudged(kube, {
    user: 'system:serviceaccount:cert-manager:cert-manager',
    resourceAttributes: {
      group: 'cert-manager.io',
      resource: 'signers',
      verb: 'approve',
      name: 'meshcaclusterissuers.meshca.dev/*',
    },
    allowed: false,
  })
}
