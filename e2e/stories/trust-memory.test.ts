import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference, requestReference, triggerRenewal } from '../lab/requests.ts'
import { issuerReference, type MeshIssuer } from './support-issuers.ts'
import { outcomeOf, waiting } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'

describe('what a Certificate carries', { timeout: 120_000 }, () => {
  let scene: Scene
  before(async () => {
    scene = await openScene({ name: 'trust-memory', namespaces: [TEAM] })
  })
  after(() => scene.stop())

  test('is known to a controller that was away when the request that told it was deleted', async () => {
    const { kube, lab, controller } = scene
    await kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'old root' })))
    await kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'cacerts', issuerName: 'mesh' }))
    await certificateReady(kube, certificateReference(TEAM, 'cacerts'))
    const written = await kube.waitFor<MeshIssuer & { readonly status?: { readonly carried?: readonly object[] } }>(
      issuerReference(TEAM, 'mesh'),
      (object) => object.status?.carried !== undefined,
    )
    const [carried] = written.status?.carried ?? []
    const root = written.status?.trustBundle?.roots[0]?.fingerprint
    assert.ok(carried)
    assert.deepEqual(
      { ...carried, since: '', issuedAt: '' },
      { certificate: `${TEAM}/cacerts`, signerRoot: root, roots: [root], since: '', issuedAt: '' },
    )

    await controller.stop()
    await kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'new root' })))
    await triggerRenewal(kube, certificateReference(TEAM, 'cacerts'))
    await kube.waitUntilGone(requestReference(TEAM, 'cacerts-1'))

    await startController(lab.controlPlane, { name: 'back' })
    const held = await waiting(kube, requestReference(TEAM, 'cacerts-2'), /would break handshakes/)
    assert.equal(outcomeOf(held).ready, 'False/Pending')
  })

  test('is what a Certificate of its name finds that is made anew', async () => {
    const { kube } = scene
    await kube.delete(certificateReference(TEAM, 'cacerts'))
    // No garbage collector runs here.
    await kube.delete(requestReference(TEAM, 'cacerts-2'))
    const spec = { commonName: 'another name, so that a new certificate is due at once' }
    await kube.apply(meshCertificate({ namespace: TEAM, name: 'cacerts', issuerName: 'mesh', spec }))
    const held = await waiting(kube, requestReference(TEAM, 'cacerts-1'), /would break handshakes/)
    assert.equal(outcomeOf(held).ready, 'False/Pending')
  })
})
