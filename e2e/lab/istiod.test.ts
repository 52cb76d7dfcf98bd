import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { handshake } from './handshake.ts'
import { type Istiod, RELOADED, startIstiod } from './istiod.ts'
import { type KubeObject, type Secret, secretText } from './kube-objects.ts'
import { type Lab, startLab } from './lab.ts'
import { listeningAddresses } from './listeners.ts'
import { createAuthority } from './pki.ts'
import { type Projector, project, projectSecret } from './projector.ts'
import { certificateReady, certificateReference, renew, secretReference } from './requests.ts'
import { requestWorkloadCertificate, type WorkloadIdentity, workloadToken } from './workload.ts'

const NAMESPACE = 'istio-system'

// An intermediate below a self-signed root, all by cert-manager's own issuers.
const CACERTS = `
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed, namespace: istio-system}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: root, namespace: istio-system}
spec: {isCA: true, commonName: root, secretName: root, issuerRef: {name: self-signed}, privateKey: {algorithm: ECDSA}}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: root, namespace: istio-system}
spec: {ca: {secretName: root}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: cacerts, namespace: istio-system}
spec: {isCA: true, commonName: intermediate, secretName: cacerts, issuerRef: {name: root}, privateKey: {algorithm: ECDSA}}
`

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

describe('istiod in the lab', { timeout: 180_000 }, () => {
  let lab: Lab
  let projector: Projector
  let istiod: Istiod
  let folder: string
  let trustPem: string
  before(async () => {
    lab = await startLab({ name: 'istiod' })
    await lab.kube.applyYaml(CACERTS)
    await certificateReady(lab.kube, certificateReference(NAMESPACE, 'cacerts'))
    folder = await lab.workspace.subfolder('cacerts')
    projector = projectSecret(lab.kube, { namespace: NAMESPACE, name: 'cacerts', folder })
    lab.workspace.defer(projector.stop)
    await projector.first
    istiod = await startIstiod(lab.controlPlane, { cacertsFolder: folder })
    await istiod.waitReady()
    trustPem = await readFile(join(folder, 'ca.crt'), 'utf8')
  })
  after(() => lab.stop())

  async function workload(serviceAccount: string): Promise<WorkloadIdentity> {
    const token = await workloadToken(lab.kube, 'default', serviceAccount)
    const { secureAddress } = istiod
    return requestWorkloadCertificate({ secureAddress, token, trustPem, namespace: 'default', serviceAccount })
  }

  test('signs workloads that shake hands both ways', async () => {
    const [first, second] = await Promise.all([workload('first'), workload('second')])
    assert.equal(first.spiffeId, 'spiffe://cluster.local/ns/default/sa/first')
    assert.equal(first.rootPem, trustPem)
    assert.deepEqual(await handshake(first, second), { ok: true })
    assert.deepEqual(await handshake(second, first), { ok: true })
  })

  test('lets no workload pass as another', async () => {
    const [first, second] = await Promise.all([workload('first'), workload('second')])
    const claimed = { ...first, spiffeId: 'spiffe://cluster.local/ns/default/sa/admin' }
    const error = `the peer is URI:${first.spiffeId}, expected ${claimed.spiffeId}`
    assert.deepEqual(await handshake(claimed, second), { ok: false, error, refusedBy: 'client' })
    assert.deepEqual(await handshake(second, claimed), { ok: false, error, refusedBy: 'server' })
  })

  test('lets no workload pass below a root that the other side does not trust', async () => {
    const [first, second] = await Promise.all([workload('first'), workload('second')])
    const { rootPem } = await createAuthority({ commonName: 'stranger' })
    const elsewhere = { ...first, rootPem }
    const error = 'self-signed certificate in certificate chain'
    assert.deepEqual(await handshake(second, elsewhere), { ok: false, error, refusedBy: 'client' })
    const code = 'SELF_SIGNED_CERT_IN_CHAIN'
    assert.deepEqual(await handshake(elsewhere, second), { ok: false, error: code, refusedBy: 'server' })
  })

  test('refuses a token for another audience', async () => {
    const request = { namespace: 'default', name: 'first', audiences: ['elsewhere'] }
    const token = await lab.kube.serviceAccountToken(request)
    const asked = requestWorkloadCertificate({
      secureAddress: istiod.secureAddress,
      token,
      trustPem,
      namespace: 'default',
      serviceAccount: 'first',
    })
    await assert.rejects(asked, /UNAUTHENTICATED/)
  })

  test('publishes its root in every namespace', async () => {
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'istio-ca-root-cert' }
    const published = await lab.kube.waitFor<ConfigMap>(reference, () => true)
    assert.equal(published.data?.['root-cert.pem'], trustPem)
  })

  test('takes a renewed intermediate without a restart', async () => {
    const old = await workload('old')
    const position = istiod.program.log.position()
    const reloaded = istiod.program.log.waitFor(RELOADED, { from: position })
    await renew(lab.kube, certificateReference(NAMESPACE, 'cacerts'))
    const secret = await lab.kube.get<Secret>(secretReference(NAMESPACE, 'cacerts'))
    await projector.synced(secret.metadata.resourceVersion ?? '')
    assert.equal(await readFile(join(folder, 'tls.crt'), 'utf8'), secretText(secret, 'tls.crt'))
    await reloaded
    const renewed = await workload('new')
    assert.notEqual(renewed.chain[1], old.chain[1])
    assert.equal(renewed.chain[1]?.trim(), secretText(secret, 'tls.crt')?.trim())
    assert.deepEqual(await handshake(old, renewed), { ok: true })
    assert.deepEqual(await handshake(renewed, old), { ok: true })
  })

  test('listens on loopback only', { skip: process.platform !== 'linux' }, async () => {
    const addresses = await listeningAddresses(istiod.program.pid)
    const loopback = ['0100007F', '00000000000000000000000001000000', '0000000000000000FFFF00000100007F']
    assert.deepEqual(
      addresses.filter((address) => !loopback.includes(address)),
      [],
    )
  })

  test('dies with its reason when cacerts is unusable', async () => {
    const empty = await lab.workspace.subfolder('incomplete')
    await project(empty, new Map([['tls.crt', Buffer.from('not a certificate')]]))
    const broken = await startIstiod(lab.controlPlane, { cacertsFolder: empty, name: 'broken' })
    await assert.rejects(broken.waitReady(), /incomplete signing CA bundle detected/)
  })
})
