import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { namespace } from '../harness/objects.ts'
import { startIstiod } from '../lab/istiod.ts'
import type { Certificate, KubeObject } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReference } from '../lab/requests.ts'
import { CACERTS, ISSUER, PLACE, readCacerts } from '../stories/mesh-cluster.ts'
import { BROKEN_SETTINGS } from './broken-settings.ts'
import { findingsIn } from './examine.ts'
import type { Ran } from './fleet.ts'
import { startTwoMeshes, type TwoMeshes } from './two-meshes.ts'

interface Told {
  readonly code: string
  readonly where: string
}

interface Report {
  readonly clusters: readonly { readonly findings: readonly Told[] }[]
  readonly fleet: { readonly findings: readonly Told[] }
}

/** `code where`, of the clusters and then of the fleet. */
function codes({ out, err }: Ran): readonly string[] {
  assert.equal(err, '')
  const report: Report = JSON.parse(out)
  const all = [...report.clusters.flatMap(({ findings }) => findings), ...report.fleet.findings]
  return all.map(({ code, where }) => `${code} ${where}`)
}

const APPROVER = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  name: 'mesh-ca-issuer-approver',
}
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'meshcaclusterissuers.meshca.dev',
}
const MESH_ISSUER = { apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAIssuer', namespace: PLACE, name: ISSUER }
const SECRET = { apiVersion: 'v1', kind: 'Secret', namespace: PLACE, name: CACERTS }

const ROOTS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: PLACE, name: 'istio-ca-root-cert' }

interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>
}

describe('the command line', { timeout: 240_000 }, () => {
  let meshes: TwoMeshes
  before(async () => {
    meshes = await startTwoMeshes()
  })
  after(() => meshes?.workspace.stop())

  test('doctor finds nothing in a cluster that is set up right, and sees the CA that istiod presents', async () => {
    const { code, out, err } = await meshes.run('doctor', '--strict', `--istiod=${meshes.east.istiod.secureAddress}`)
    assert.deepEqual([code, err], [0, ''], out)
    assert.match(out, /^east, namespace istio-system: no findings\n {2}istiod's CA {2}CN=cacerts.istio-system,O=mesh, /)
    assert.match(out, /\n {2}issuers {6}2 of 2 ready\n$/)
  })

  test('doctor tells of two clusters that do not trust each other', async () => {
    const ran = await meshes.run('doctor', '--context=east', '--context=west', '--output=json')
    assert.equal(ran.code, 2)
    assert.deepEqual(codes(ran), ['RootsDiffer east', 'RootsDiffer west'])
  })

  test('doctor names each right that the caller lacks', async () => {
    const ran = await meshes.run('doctor', '--context=east-developer', '--output=json')
    assert.equal(ran.code, 1)
    assert.deepEqual(codes(ran), [
      'RightMissing get customresourcedefinitions.apiextensions.k8s.io (meshcaissuers.meshca.dev)',
      'RightMissing get customresourcedefinitions.apiextensions.k8s.io (meshcaclusterissuers.meshca.dev)',
      'RightMissing create subjectaccessreviews.authorization.k8s.io',
      'RightMissing list meshcaissuers.meshca.dev in namespace istio-system',
      'RightMissing list meshcaclusterissuers.meshca.dev in all namespaces',
      'RightMissing list certificates.cert-manager.io in namespace istio-system',
      'RightMissing list certificaterequests.cert-manager.io in namespace istio-system',
      'RightMissing get secrets (cacerts) in namespace istio-system',
      'RightMissing get configmaps (istio-ca-root-cert) in namespace istio-system',
    ])
  })

  test('doctor finds each setting of a Certificate that will hurt', async () => {
    const { kube } = meshes.east.cluster
    for (const { namespace: name, certificate } of BROKEN_SETTINGS) {
      await kube.apply(namespace(name))
      await kube.apply(certificate(name))
    }
    const names = BROKEN_SETTINGS.map((one) => one.namespace)
    const found = await findingsIn(meshes.kubeconfig, 'east', names)
    for (const { namespace: name, code } of BROKEN_SETTINGS)
      assert.ok(found.get(name)?.includes(code), `${name}: ${found.get(name)?.join(', ')}`)
  })

  test('doctor tells when cert-manager will try again what was refused', async () => {
    const { kube } = meshes.east.cluster
    const refused = certificateReference('extended-usages', CACERTS)
    await kube.waitFor<Certificate>(refused, ({ status }) => (status?.failedIssuanceAttempts ?? 0) > 0)
    const found = await findingsIn(meshes.kubeconfig, 'east', ['extended-usages'])
    assert.ok(found.get('extended-usages')?.includes('CertificateFailing'))
  })

  test('status shows both clusters', async () => {
    const { code, out, err } = await meshes.run(
      'status',
      '--context=east',
      '--context=west',
      '--namespace=istio-system',
    )
    assert.deepEqual([code, err], [0, ''])
    const cells = out.split('\n').map((line) => line.split(/ {2,}/))
    assert.deepEqual(
      cells.filter(([first]) => first === 'east' || first === 'west').map((row) => row.slice(0, 4)),
      [
        ['east', 'mesh (cluster)', 'True', 'CA'],
        ['east', 'istio-system/mesh', 'True', 'CA'],
        ['west', 'mesh (cluster)', 'True', 'CA'],
        ['west', 'istio-system/mesh', 'True', 'CA'],
        ['east', 'istio-system/cacerts', 'mesh', 'True'],
        ['west', 'istio-system/cacerts', 'mesh', 'True'],
      ],
    )
  })

  test('check tries an issuer, and names the right that is missing', async () => {
    const [own, wide, foreign] = await Promise.all([
      meshes.run('check', 'istio-system/mesh'),
      meshes.run('check', 'mesh'),
      meshes.run('check', 'istio-system/mesh', '--context=east-developer'),
    ])
    assert.deepEqual([own.code, own.err, wide.code, wide.err], [0, '', 0, ''])
    assert.match(own.out, /\nA Certificate with isCA: true in namespace istio-system .* would be\nsigned:\n/)
    assert.match(wide.out, /^MeshCAClusterIssuer mesh, back end CA\n/)
    assert.deepEqual(foreign, {
      code: 1,
      out: '',
      err: "mesh-ca: the kubeconfig's user may not get meshcaissuers.meshca.dev (mesh) in namespace istio-system; have a role grant it\n",
    })
  })

  test('check tells an issuer that the installation leaves to another', async () => {
    const [elsewhere, ours] = await Promise.all([
      meshes.run('check', 'mesh', '--watch-namespaces=istio-system', '--output=json'),
      meshes.run('check', 'istio-system/mesh', '--watch-namespaces=istio-system'),
    ])
    assert.deepEqual([elsewhere.code, ours.code], [2, 0])
    assert.deepEqual(JSON.parse(elsewhere.out).request, {
      namespace: 'istio-system',
      outcome: 'wait',
      code: 'IssuerServedElsewhere',
      message:
        'MeshCAClusterIssuer mesh is not served by this installation: it has --watch-namespaces, and so serves no MeshCAClusterIssuer',
    })
  })

  test('verify judges the Secret that istiod runs with', async () => {
    const { code, out } = await meshes.run('verify', 'secret/istio-system/cacerts', '--strict')
    assert.equal(code, 0, out)
    assert.match(out, /\n {2}an istiod that starts now {15}loads it\n/)
  })

  test('none of this told of a key', async () => {
    const { key } = await readCacerts(meshes.east.cluster.kube)
    const lines = key.split('\n').filter((line) => line.length >= 20 && !line.startsWith('-'))
    assert.ok(lines.length > 0)
    const said = meshes.said()
    assert.match(said, /CN=cacerts.istio-system/)
    for (const line of lines) assert.ok(!said.includes(line))
  })

  test('doctor finds an istiod that started before its Secret was there', async () => {
    const { cluster, istiod } = meshes.east
    await istiod.stop()
    const cacertsFolder = await meshes.workspace.subfolder('nothing')
    const late = await startIstiod(cluster.controlPlane, { name: 'late', cacertsFolder })
    await late.waitReady()
    const { roots } = await readCacerts(cluster.kube)
    await cluster.kube.waitFor<ConfigMap>(ROOTS, ({ data }) => data['root-cert.pem'] !== roots)
    const ran = await meshes.run('doctor', `--istiod=${late.secureAddress}`, '--output=json')
    assert.deepEqual(codes(ran), [
      'IstiodSelfSigned ConfigMap istio-system/istio-ca-root-cert',
      'IstiodServesOther istiod of namespace istio-system',
    ])
  })

  test('doctor finds an istiod whose roots the Secret has no more', async () => {
    const stranger = await createAuthority({ commonName: 'Stranger' })
    // cert-manager looks at the certificate and its key, so it leaves the roots as they are put.
    await meshes.west.cluster.kube.patch(SECRET, { stringData: { 'ca.crt': stranger.certificatePem } })
    const istiod = `--istiod=west=${meshes.west.istiod.secureAddress}`
    const ran = await meshes.run('doctor', '--context=west', istiod, '--output=json')
    assert.deepEqual(codes(ran), [
      'IstiodRootsDiffer ConfigMap istio-system/istio-ca-root-cert',
      'ChainBroken Secret istio-system/cacerts',
    ])
  })

  test('doctor finds what is missing from an installation, and a cluster that is away', async () => {
    const { kube, controller, controlPlane } = meshes.west.cluster
    await controller.stop()
    await kube.delete(APPROVER)
    await kube.delete(CRD)
    await kube.waitUntilGone(CRD)
    await kube.patch(MESH_ISSUER, { spec: { ca: { secretRef: { name: 'another' } } } })
    const found = codes(await meshes.run('doctor', '--context=west', '--output=json'))
    assert.deepEqual(found.slice(0, 3), [
      'ApprovalForbidden signers.cert-manager.io (meshcaissuers.meshca.dev/*)',
      'CRDMissing CustomResourceDefinition meshcaclusterissuers.meshca.dev',
      'IssuerUnchecked MeshCAIssuer istio-system/mesh',
    ])
    await controlPlane.stop()
    const away = await meshes.run('doctor', '--context=west', '--output=json')
    assert.deepEqual([away.code, codes(away)], [2, ['ClusterUnreachable west']])
  })
})
