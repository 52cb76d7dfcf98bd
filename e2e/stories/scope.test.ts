import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate, namespace } from '../harness/objects.ts'
import { untilJudged } from '../lab/access-review.ts'
import { KubeError } from '../lab/kube-http.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve, certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import {
  ask,
  certificateRequest,
  csrFor,
  failed,
  ISSUED,
  meshIssuer,
  outcomeOf,
  pending,
  settled,
  waiting,
} from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const CERT_MANAGER = 'system:serviceaccount:cert-manager:cert-manager'
const OURS = 'mesh-ca-issuer'

describe('whom an issuer serves', { timeout: 120_000 }, () => {
  let scene: Scene
  before(async () => {
    scene = await openScene({ name: 'scope', namespaces: ['team-a', 'team-b'] })
    const root = await createAuthority({ commonName: 'root' })
    for (const where of ['team-a', OURS]) await scene.kube.apply(caSecret(where, 'ca', root))
  })
  after(() => scene.stop())

  const spec = (extra: object = {}): Readonly<Record<string, unknown>> => ({
    ca: { secretRef: { name: 'ca' } },
    ...extra,
  })

  test('a namespaced reference is never served by a cluster issuer of that name', async () => {
    const { kube } = scene
    await kube.apply(issuer({ name: 'twin', spec: spec({ allowedNamespaces: { selector: {} } }) }))
    await kube.apply(
      meshCertificate({
        namespace: 'team-a',
        name: 'for-cluster',
        issuerKind: 'MeshCAClusterIssuer',
        issuerName: 'twin',
      }),
    )
    await certificateReady(kube, certificateReference('team-a', 'for-cluster'))
    await kube.apply(meshCertificate({ namespace: 'team-a', name: 'for-namespace', issuerName: 'twin' }))
    const request = await waiting(kube, requestReference('team-a', 'for-namespace-1'), /./)
    const words = 'MeshCAIssuer team-a/twin does not exist; create it, or correct the issuerRef'
    assert.deepEqual(outcomeOf(request), pending(words))
  })

  test('a cluster reference is never served by an issuer of that name in the namespace, nor one of another namespace', async () => {
    const { kube } = scene
    await kube.apply(issuer({ namespace: 'team-a', name: 'solo', spec: spec() }))
    await kube.apply(meshCertificate({ namespace: 'team-a', name: 'solo', issuerName: 'solo' }))
    await certificateReady(kube, certificateReference('team-a', 'solo'))
    await kube.apply(
      meshCertificate({
        namespace: 'team-a',
        name: 'solo-cluster',
        issuerKind: 'MeshCAClusterIssuer',
        issuerName: 'solo',
      }),
    )
    const cluster = await waiting(kube, requestReference('team-a', 'solo-cluster-1'), /./)
    assert.deepEqual(
      outcomeOf(cluster),
      pending('MeshCAClusterIssuer solo does not exist; create it, or correct the issuerRef'),
    )
    await kube.apply(meshCertificate({ namespace: 'team-b', name: 'solo', issuerName: 'solo' }))
    const abroad = await waiting(kube, requestReference('team-b', 'solo-1'), /./)
    assert.deepEqual(
      outcomeOf(abroad),
      pending('MeshCAIssuer team-b/solo does not exist; create it, or correct the issuerRef'),
    )
  })

  test('an empty group and an unknown kind are not ours: such a request is left alone', async () => {
    const { kube } = scene
    const csr = csrFor('stray')
    const noGroup = certificateRequest({
      namespace: 'team-a',
      name: 'no-group',
      csr,
      issuerRef: { kind: 'MeshCAIssuer', name: 'solo' },
    })
    const forgotten = (error: unknown): boolean => error instanceof KubeError && /issuerRef/.test(error.message)
    await assert.rejects(kube.create(noGroup), forgotten)
    // What the webhook lets through of the like: neither group nor kind, which cert-manager takes for its own.
    const bare = await ask(kube, { namespace: 'team-a', name: 'bare', csr, issuerRef: { name: 'solo' } })
    const unknown = await ask(kube, {
      namespace: 'team-a',
      name: 'unknown-kind',
      csr,
      issuerRef: { group: 'meshca.dev', kind: 'MeshCAOther', name: 'solo' },
    })
    await assert.rejects(approve(kube, unknown), /referenced signer resource does not exist/)
    // Whatever would be done with the strays had been done before this later one is issued.
    const later = await ask(kube, { namespace: 'team-a', name: 'later', csr, issuerRef: meshIssuer('solo') })
    assert.deepEqual(outcomeOf(await settled(kube, later)), ISSUED)
    for (const stray of [bare, unknown]) {
      const request = await kube.get<CertificateRequest & Managed>(stray)
      assert.ok(!managersOf(request).includes(OURS), `${stray.name} was written by ${managersOf(request)}`)
      assert.equal(request.status?.certificate, undefined)
    }
  })

  test('a namespace that is not allowed waits, and goes on once its labels match the selector', async () => {
    const { kube } = scene
    const allowedNamespaces = { selector: { matchLabels: { mesh: 'yes' } } }
    await kube.apply(issuer({ name: 'by-label', spec: spec({ allowedNamespaces }) }))
    await kube.apply(
      meshCertificate({
        namespace: 'team-b',
        name: 'labelled',
        issuerKind: 'MeshCAClusterIssuer',
        issuerName: 'by-label',
      }),
    )
    const request = await waiting(kube, requestReference('team-b', 'labelled-1'), /./)
    const words =
      'MeshCAClusterIssuer by-label does not serve namespace team-b; its owner can add it to allowedNamespaces'
    assert.deepEqual(outcomeOf(request), pending(words))
    await kube.apply(namespace('team-b', { mesh: 'yes' }))
    await certificateReady(kube, certificateReference('team-b', 'labelled'))
  })

  test('a namespace that is not named waits, and goes on once the issuer names it', async () => {
    const { kube } = scene
    const served = (...names: readonly string[]) =>
      issuer({ name: 'by-name', spec: spec({ allowedNamespaces: { names } }) })
    await kube.apply(served('team-a'))
    await kube.apply(
      meshCertificate({ namespace: 'team-b', name: 'named', issuerKind: 'MeshCAClusterIssuer', issuerName: 'by-name' }),
    )
    const request = await waiting(kube, requestReference('team-b', 'named-1'), /./)
    const words =
      'MeshCAClusterIssuer by-name does not serve namespace team-b; its owner can add it to allowedNamespaces'
    assert.deepEqual(outcomeOf(request), pending(words))
    await kube.apply(served('team-a', 'team-b'))
    await certificateReady(kube, certificateReference('team-b', 'named'))
  })

  test('allowedRequesters: a developer is refused in words, a Certificate is served', async () => {
    const { kube, lab } = scene
    await kube.apply(
      issuer({ namespace: 'team-a', name: 'careful', spec: spec({ allowedRequesters: [CERT_MANAGER] }) }),
    )
    for (const object of mayAsk('team-a', 'developer')) await kube.apply(object)
    const resourceAttributes = {
      group: 'cert-manager.io',
      resource: 'certificaterequests',
      verb: 'create',
      namespace: 'team-a',
    }
    await untilJudged(kube, { user: 'developer', resourceAttributes, allowed: true })
    const developer = lab.controlPlane.kubeOf('developer')
    const direct = await ask(developer, {
      namespace: 'team-a',
      name: 'direct',
      csr: csrFor('direct'),
      issuerRef: meshIssuer('careful'),
    })
    const words =
      'the issuer does not sign for developer; ask through a Certificate, or have allowedRequesters extended'
    assert.deepEqual(outcomeOf(await settled(kube, direct)), failed(words))
    await kube.apply(meshCertificate({ namespace: 'team-a', name: 'careful', issuerName: 'careful' }))
    await certificateReady(kube, certificateReference('team-a', 'careful'))
  })
})

interface Managed {
  readonly metadata: { readonly managedFields?: readonly { readonly manager: string }[] }
}

function managersOf({ metadata }: Managed): readonly string[] {
  return (metadata.managedFields ?? []).map(({ manager }) => manager)
}

function mayAsk(where: string, user: string) {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const metadata = { namespace: where, name: 'ask' }
  const apiGroup = 'rbac.authorization.k8s.io'
  return [
    {
      apiVersion,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['cert-manager.io'], resources: ['certificaterequests'], verbs: ['create'] }],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: 'ask' },
      subjects: [{ kind: 'User', apiGroup, name: user }],
    },
  ]
}
