import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { namespace } from '../harness/objects.ts'
import { parseObjects } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { may, missesGrant } from './access.ts'
import { CHART, given, type Helm, openHelm } from './helm.ts'
import { type Deployment, podStarter } from './pod.ts'
import { type Asked, askedBy, grantsOf, inWords, lets, type Question, type RbacObject, unasked } from './rights.ts'
import { wholeLife } from './whole-life.ts'

const TEAM = 'team'
const OURS = 'mesh-ca-issuer'
const ACCOUNT = { namespace: OURS, name: OURS }
const USER = `system:serviceaccount:${OURS}:${OURS}`
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: OURS, name: OURS }

const VALUES = { 'references.namespaces': [TEAM] }

const OLDER = 'an API server without streaming lists is read in pages'
/** What is granted and not asked for in the run below, and why it is granted all the same. */
const UNASKED: Readonly<Record<string, string>> = {
  'list cert-manager.io/certificaterequests': OLDER,
  'list certificates.k8s.io/certificatesigningrequests': OLDER,
  'list meshca.dev/meshcaclusterissuers': OLDER,
  'list meshca.dev/meshcaissuers': OLDER,
  'list namespaces': OLDER,
  'sign certificates.k8s.io/signers': 'admission asks for it when a certificate is written; it is no request',
}

describe('the chart in a cluster', { timeout: 180_000 }, () => {
  let lab: Lab
  let helm: Helm
  let roles: readonly RbacObject[]
  let asked: readonly Asked[]
  before(async () => {
    lab = await startLab({ name: 'chart', audit: true })
    helm = await openHelm(lab.workspace, lab.controlPlane.kubeconfig('admin'))
    await lab.kube.apply(namespace(TEAM))
    await lab.kube.apply(namespace(OURS, { 'pod-security.kubernetes.io/enforce': 'restricted' }))
  })
  after(() => lab.stop())

  test('is installed', async () => {
    const notes = await helm.run('install', OURS, CHART, '-n', OURS, ...given(VALUES))
    assert.match(notes, /STATUS: deployed/)
    assert.match(notes, /by name in: team, mesh-ca-issuer\./)
    assert.doesNotMatch(notes, /not installed in this cluster/)
    roles = parseObjects(await helm.run('get', 'manifest', OURS, '-n', OURS))
  })

  test('makes pods that the Pod Security Standard "restricted" lets in', async () => {
    const { spec } = await lab.kube.get<Deployment>(DEPLOYMENT)
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one', namespace: OURS } }
    const create = (change: object): Promise<unknown> =>
      lab.kube.call({
        method: 'POST',
        path: `/api/v1/namespaces/${OURS}/pods`,
        query: { dryRun: 'All', fieldValidation: 'Strict' },
        body: { ...pod, spec: { ...spec.template.spec, ...change } },
      })
    await create({})
    await assert.rejects(create({ securityContext: {} }), /violates PodSecurity "restricted:latest"/)
  })

  test('gives its ServiceAccount what a whole life of the controller needs', async () => {
    const start = await podStarter(lab.controlPlane)
    const { program, ready } = await start(await lab.kube.get<Deployment>(DEPLOYMENT), 'pod')
    await ready()
    await wholeLife(lab.kube, { team: TEAM, ours: OURS })
    await program.stop()
    assert.doesNotMatch(program.log.text(), /ERR_ACCESS_DENIED|Warning/)
    asked = askedBy(lab.controlPlane.auditLog ?? '', USER)
    assert.deepEqual(asked.filter(({ allowed }) => !allowed).map(inWords), [])
    const lease = await lab.kube.get<KubeObject & { readonly spec: { readonly holderIdentity?: string } }>({
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: OURS, name: OURS },
    })
    assert.equal(lease.spec.holderIdentity, '', 'the Lease is let go')
  })

  test('grants nothing that was not asked for, but what is explained', () => {
    const grants = grantsOf(roles, OURS)
    assert.deepEqual(unasked(grants, asked), Object.keys(UNASKED))
    const [some] = grants
    assert.ok(some)
    const more = { ...some, verb: 'delete' }
    assert.ok(unasked([...grants, more], asked).includes(inWords(more)), 'one more would be found')
  })

  test('cannot lose a right without something being refused', async () => {
    const grants = grantsOf(roles, OURS).filter((grant) => asked.some((one) => lets(grant, one)))
    assert.ok(grants.length > 15, `${grants.length} rights`)
    for (const one of asked) assert.equal(await may(lab.kube, ACCOUNT, one), true, inWords(one))
    for (const grant of grants) await missesGrant(lab.kube, { account: ACCOUNT, roles, grant, asked })
  })

  test('gives no right beyond, not even in the namespace next door', async () => {
    await lab.kube.apply(namespace('next-door'))
    const inPlaces = (verb: string, resource: string): readonly Question[] =>
      [undefined, OURS, TEAM, 'next-door'].map((place) => ({ verb, group: '', resource, namespace: place }))
    const never = [
      ...['secrets', 'configmaps'].flatMap((resource) =>
        ['list', 'watch', 'create', 'update', 'patch', 'delete'].flatMap((verb) => inPlaces(verb, resource)),
      ),
      ...inPlaces('create', 'serviceaccounts/token'),
      ...['secrets', 'configmaps'].flatMap((resource) =>
        inPlaces('get', resource).filter(({ namespace }) => namespace === undefined || namespace === 'next-door'),
      ),
    ]
    for (const one of never) assert.equal(await may(lab.kube, ACCOUNT, one), false, inWords(one))
  })
})
