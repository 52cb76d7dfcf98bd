import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate, namespace } from '../harness/objects.ts'
import { parseObjects } from '../lab/kube.ts'
import { type CertificateRequest, conditionOf, type KubeObject } from '../lab/kube-objects.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve, approveSigningRequest, requestReference } from '../lab/requests.ts'
import { may, missesGrant } from './access.ts'
import { CHART, given, type Helm, openHelm } from './helm.ts'
import { type Deployment, podStarter } from './pod.ts'
import { type Asked, askedBy, grantsOf, inWords, lets, type Question, type RbacObject, unasked } from './rights.ts'
import { lifeInNamespaces, signingRequest } from './whole-life.ts'

const SERVED = ['team-a', 'team-b']
const NEXT_DOOR = 'next-door'
const OURS = 'mesh-ops'
const ACCOUNT = { namespace: OURS, name: 'mesh-ca-issuer' }
const USER = `system:serviceaccount:${OURS}:${ACCOUNT.name}`
const VALUES = { 'settings.watchNamespaces': SERVED }

const OLDER = 'an API server without streaming lists is read in pages'
/** What is granted and not asked for in the run below, and why it is granted all the same. */
const UNASKED: Readonly<Record<string, string>> = Object.fromEntries(
  ['cert-manager.io/certificaterequests', 'meshca.dev/meshcaissuers'].flatMap((resource) =>
    SERVED.map((place) => [`list ${resource} in ${place}`, OLDER]),
  ),
)

describe('an installation for some namespaces', { timeout: 180_000 }, () => {
  let lab: Lab
  let helm: Helm
  let roles: readonly RbacObject[]
  let asked: readonly Asked[]
  before(async () => {
    lab = await startLab({ name: 'chart-namespaces', audit: true })
    helm = await openHelm(lab.workspace, lab.controlPlane.kubeconfig('admin'))
    for (const name of [...SERVED, NEXT_DOOR, OURS]) await lab.kube.apply(namespace(name))
  })
  after(() => lab.stop())

  test('is installed, and says what it serves', async () => {
    const notes = await helm.run('install', ACCOUNT.name, CHART, '-n', OURS, ...given(VALUES))
    assert.match(notes, /served, and nothing else: team-a, team-b\.$/m)
    assert.match(notes, /by name in: team-a, team-b\.$/m)
    roles = parseObjects(await helm.run('get', 'manifest', ACCOUNT.name, '-n', OURS))
  })

  test('has no right of the cluster scope', () => {
    const places = new Set(grantsOf(roles, ACCOUNT.name).map((grant) => grant.namespace))
    assert.deepEqual([...places].sort(), ['kube-system', OURS, ...SERVED])
  })

  test('serves them with what its ServiceAccount may do, and leaves everything else alone', async () => {
    const { kube, controlPlane } = lab
    const left = await askElsewhere()
    const deployment = await kube.get<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', ...ACCOUNT })
    const start = await podStarter(controlPlane)
    const { program, ready } = await start(deployment, 'pod')
    await ready()
    await lifeInNamespaces(kube, SERVED)
    // A whole life has passed since, renewals included; what is left alone would have been served before it.
    for (const before of left) assert.deepEqual(await kube.get(before.reference), before.object)
    await program.log.waitFor(/"request":"team-a\/abroad-1","issuer":"MeshCAClusterIssuer\/\/abroad"/)
    await program.stop()
    assert.doesNotMatch(program.log.text(), /next-door|ERR_ACCESS_DENIED|"level":"(warn|error)"/)
    asked = askedBy(controlPlane.auditLog ?? '', USER)
    assert.deepEqual(asked.filter(({ allowed }) => !allowed).map(inWords), [])
  })

  /** Approved requests that another installation would have to serve, and issuers of its, as they are before ours starts. */
  async function askElsewhere() {
    const { kube } = lab
    const spec = { ca: { secretRef: { name: 'ca' } } }
    await kube.apply(caSecret(NEXT_DOOR, 'ca', await createAuthority({ commonName: 'root' })))
    const issuers = [
      issuer({ namespace: NEXT_DOOR, name: 'mesh', spec }),
      issuer({ name: 'abroad', spec: { ...spec, allowedNamespaces: { selector: {} } } }),
    ]
    for (const object of issuers) await kube.apply(object)
    await kube.apply(meshCertificate({ namespace: NEXT_DOOR, name: 'mesh', issuerName: 'mesh' }))
    const abroad = { issuerName: 'abroad', issuerKind: 'MeshCAClusterIssuer' }
    await kube.apply(meshCertificate({ namespace: 'team-a', name: 'abroad', ...abroad }))
    await signingRequest(kube, 'csr', 'abroad')
    await approveSigningRequest(kube, 'csr')
    const approved = (request: CertificateRequest): boolean => conditionOf(request, 'Approved') !== undefined
    const [nextDoor, toCluster] = [requestReference(NEXT_DOOR, 'mesh-1'), requestReference('team-a', 'abroad-1')]
    await kube.waitFor<CertificateRequest>(toCluster, () => true)
    // cert-manager was given no right to approve for cluster issuers: whoever serves those brings it.
    await approve(kube, toCluster)
    for (const request of [nextDoor, toCluster]) await kube.waitFor<CertificateRequest>(request, approved)
    const references = [
      nextDoor,
      toCluster,
      { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name: 'csr' },
      ...issuers.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, ...metadata })),
    ]
    return Promise.all(
      references.map(async (reference) => ({ reference, object: await kube.get<KubeObject>(reference) })),
    )
  }

  test('grants nothing that was not asked for, but what is explained', () => {
    assert.deepEqual(unasked(grantsOf(roles, ACCOUNT.name), asked), Object.keys(UNASKED).sort())
  })

  test('cannot lose a right without something being refused', async () => {
    const grants = grantsOf(roles, ACCOUNT.name).filter((grant) => asked.some((one) => lets(grant, one)))
    assert.ok(grants.length > 15, `${grants.length} rights`)
    for (const one of asked) assert.equal(await may(lab.kube, ACCOUNT, one), true, inWords(one))
    for (const grant of grants) await missesGrant(lab.kube, { account: ACCOUNT, roles, grant, asked })
  })

  test('may do nothing next door, and nothing to all', async () => {
    const kinds: readonly (readonly [verb: string, group: string, resource: string])[] = [
      ...['get', 'list', 'watch'].map((verb) => [verb, 'meshca.dev', 'meshcaissuers'] as const),
      ...['get', 'list', 'watch'].map((verb) => [verb, 'meshca.dev', 'meshcaclusterissuers'] as const),
      ...['list', 'watch'].map((verb) => [verb, 'cert-manager.io', 'certificaterequests'] as const),
      ...['list', 'watch'].map((verb) => [verb, '', 'namespaces'] as const),
      ['watch', 'certificates.k8s.io', 'certificatesigningrequests'],
      ['patch', 'cert-manager.io', 'certificaterequests/status'],
      ['create', 'events.k8s.io', 'events'],
      ['get', '', 'secrets'],
      ['get', '', 'configmaps'],
    ]
    const never = kinds.flatMap(([verb, group, resource]): readonly Question[] =>
      [undefined, NEXT_DOOR].map((place) => ({ verb, group, resource, namespace: place })),
    )
    for (const one of never) assert.equal(await may(lab.kube, ACCOUNT, one), false, inWords(one))
  })
})
