import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import type { Conditioned, KubeObject } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { approveSigningRequest, certificateReady, certificateReference, renew } from '../lab/requests.ts'
import { tells } from './support-events.ts'
import { csrFor } from './support-requests.ts'
import { granted, used } from './support-rights.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'
const OURS = 'mesh-ca-issuer'
const USER = `system:serviceaccount:${OURS}:${OURS}`

const OLDER = 'an API server without streaming lists is read in pages'
const READ_ALONE = 'get goes with list and watch, so that a person can look with the same account'
/** What was granted and not asked for in the run below, and why it is granted all the same. */
const UNUSED: Readonly<Record<string, string>> = {
  'get cert-manager.io/certificaterequests': READ_ALONE,
  'get certificates.k8s.io/certificatesigningrequests': READ_ALONE,
  'list /namespaces': OLDER,
  'list cert-manager.io/certificaterequests': OLDER,
  'list certificates.k8s.io/certificatesigningrequests': OLDER,
  'list meshca.dev/meshcaclusterissuers': OLDER,
  'list meshca.dev/meshcaissuers': OLDER,
  'patch events.k8s.io/events': 'an event that happens again may be counted up rather than written anew',
  'sign certificates.k8s.io/signers': 'admission asks for it when a certificate is written; it is no request',
}

/** What a tenant might hope that the controller could be talked into. */
const NEVER: readonly (readonly [verb: string, group: string, resource: string, subresource?: string])[] = [
  ...['secrets', 'configmaps'].flatMap((resource) =>
    ['list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'].map(
      (verb) => [verb, '', resource] as const,
    ),
  ),
  ['create', '', 'serviceaccounts', 'token'],
  ['approve', 'cert-manager.io', 'signers'],
  ['update', 'cert-manager.io', 'certificaterequests', 'status'],
  ['patch', 'cert-manager.io', 'certificaterequests'],
  ['delete', 'cert-manager.io', 'certificaterequests'],
  ['create', 'cert-manager.io', 'certificaterequests'],
  ['get', 'cert-manager.io', 'certificates'],
  ['update', 'certificates.k8s.io', 'certificatesigningrequests', 'approval'],
  ['patch', 'meshca.dev', 'meshcaissuers'],
  ['patch', 'meshca.dev', 'meshcaclusterissuers'],
  ['create', 'rbac.authorization.k8s.io', 'clusterrolebindings'],
]

interface Review extends KubeObject {
  readonly spec: object
  readonly status?: { readonly allowed: boolean }
}

describe('the rights of the controller', { timeout: 120_000 }, () => {
  let scene: Scene
  before(async () => {
    scene = await openScene({ name: 'rights', namespaces: [TEAM], lab: { audit: true } })
  })
  after(() => scene.stop())

  test('are all used or explained, and suffice: nothing was refused in a whole run', async () => {
    const { controller, lab } = scene
    await run(scene)
    await controller.stop()
    const { rights, refused } = used(lab.controlPlane.auditLog ?? '', USER)
    assert.deepEqual(refused, [])
    const all = granted(OURS)
    assert.deepEqual(
      rights.filter((right) => !all.includes(right)),
      [],
    )
    assert.deepEqual(
      all.filter((right) => !rights.includes(right)),
      Object.keys(UNUSED),
    )
  })

  test('do not reach what the controller has no need of', async () => {
    const kube = scene.lab.controlPlane.kubeOf(OURS)
    const may = async (verb: string, group: string, resource: string, subresource = ''): Promise<boolean> => {
      const spec = { resourceAttributes: { namespace: TEAM, verb, group, resource, subresource } }
      const review: Review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: { name: '' },
        spec,
      }
      return (await kube.create(review)).status?.allowed === true
    }
    for (const right of NEVER) assert.equal(await may(...right), false, right.join(' '))
    assert.equal(await may('get', '', 'secrets'), true, 'the question is understood')
  })
})

/** Everything that a controller does in a good life: both kinds of issuers and requests, references of both kinds, a renewal. */
async function run({ kube }: Scene): Promise<void> {
  const [root, other] = [await createAuthority({ commonName: 'root' }), await createAuthority({ commonName: 'other' })]
  const sha256 = [new X509Certificate(other.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()]
  const additionalRoots = [{ configMapRef: { name: 'roots', sha256 } }]
  const spec = { ca: { secretRef: { name: 'ca' } }, trust: { additionalRoots } }
  for (const namespace of [TEAM, OURS]) {
    await kube.apply(caSecret(namespace, 'ca', root))
    const roots = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'roots' } }
    await kube.apply<KubeObject & { readonly data: object }>({ ...roots, data: { 'ca.crt': other.certificatePem } })
  }
  await kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec }))
  const allowedNamespaces = { selector: { matchLabels: { 'kubernetes.io/metadata.name': TEAM } } }
  await kube.apply(issuer({ name: 'mesh', spec: { ...spec, allowedNamespaces } }))
  await kube.apply(issuer({ name: 'any', spec: { ...spec, profile: 'Any', allowedNamespaces: { selector: {} } } }))
  for (const issuerKind of ['MeshCAIssuer', 'MeshCAClusterIssuer']) {
    const name = issuerKind.toLowerCase()
    await kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: 'mesh', issuerKind }))
    await certificateReady(kube, certificateReference(TEAM, name))
    await renew(kube, certificateReference(TEAM, name))
  }
  const kind = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' }
  const request = Buffer.from(csrFor('csr')).toString('base64')
  const asked = { request, signerName: 'meshcaclusterissuers.meshca.dev/any', usages: ['digital signature'] }
  await kube.create<KubeObject & { readonly spec: object }>({ ...kind, metadata: { name: 'csr' }, spec: asked })
  await approveSigningRequest(kube, 'csr')
  const issued = (csr: Conditioned & { readonly status?: { readonly certificate?: string } }): boolean =>
    csr.status?.certificate !== undefined
  await kube.waitFor({ ...kind, name: 'csr' }, issued)
  await tells(kube, { kind: 'CertificateSigningRequest', namespace: 'default', name: 'csr' }, 'Issued')
}
