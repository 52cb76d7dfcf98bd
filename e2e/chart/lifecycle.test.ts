import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { installMeshCA } from '../harness/install.ts'
import { issuer, namespace } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { parseObjects } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { objectPath, type Reference, referenceTo } from '../lab/kube-paths.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { may } from './access.ts'
import { EVERYTHING } from './everything.ts'
import { CHART, given, type Helm, openHelm, type Values } from './helm.ts'
import { containerOf, type Deployment } from './pod.ts'

const OURS = 'mesh-ca-issuer'
const ACCOUNT = { namespace: OURS, name: OURS }
const ISSUER: Reference = { apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAIssuer', namespace: 'team', name: 'mesh' }
const CRD: Reference = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'meshcaissuers.meshca.dev',
}

/** What config/rbac has and the chart does without, so that nobody takes it over. */
const LEFT = ['ClusterRole', 'ClusterRoleBinding'].map((kind) => [kind, 'mesh-ca-issuer-references'] as const)

interface Definition extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly additionalPrinterColumns?: readonly object[] }[] }
}

describe('the life of a release', { timeout: 180_000 }, () => {
  let lab: Lab
  let helm: Helm
  before(async () => {
    lab = await startLab({ name: 'chart-life', certManager: false })
    helm = await openHelm(lab.workspace, lab.controlPlane.kubeconfig('admin'))
    for (const name of [OURS, 'team', 'other']) await lab.kube.apply(namespace(name))
  })
  after(() => lab.stop())

  const install = (chart: string, ...args: readonly string[]) => helm.run('install', OURS, chart, '-n', OURS, ...args)
  const upgrade = (values: Values) => helm.run('upgrade', OURS, CHART, '-n', OURS, ...given(values))
  const uninstall = () => helm.run('uninstall', OURS, '-n', OURS, '--wait')
  const columns = async (): Promise<number | undefined> =>
    (await lab.kube.get<Definition>(CRD)).spec.versions[0]?.additionalPrinterColumns?.length
  const mayGet = (resource: string, place: string, name: string): Promise<boolean> =>
    may(lab.kube, ACCOUNT, { verb: 'get', group: '', resource, namespace: place, name })
  const mayHaveToken = (place: string, name: string): Promise<boolean> =>
    may(lab.kube, ACCOUNT, { verb: 'create', group: '', resource: 'serviceaccounts/token', namespace: place, name })

  test('consists of objects that the API server takes, whatever the values are', async () => {
    const objects = await helm.template(EVERYTHING)
    const places = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))
    for (const name of places) await lab.kube.apply(namespace(name))
    const known = objects.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'))
    assert.ok(known.length > 20, `${known.length} objects`)
    for (const object of known) {
      await lab.kube.call({
        method: 'PATCH',
        path: objectPath(referenceTo(object)),
        // Applying refuses fields that are not there.
        query: { dryRun: 'All', fieldManager: 'lab', force: 'true' },
        body: object,
        contentType: 'application/apply-patch+yaml',
      })
    }
  })

  test('takes over what kubectl applied from config/crd and config/rbac', async () => {
    await installMeshCA(lab.kube)
    assert.match(await helm.refusal('install', OURS, CHART, '-n', OURS), /exists and cannot be imported/)
    await install(CHART, '--take-ownership', '--force-conflicts')
    await uninstall()
    for (const [kind, name] of LEFT) await lab.kube.delete({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, name })
    await lab.kube.delete(CRD)
    await lab.kube.waitUntilGone(CRD)
  })

  test('begins with an older version, whose definitions an upgrade brings up to date', async () => {
    const older = join(lab.workspace.folder, 'older')
    await cp(CHART, older, { recursive: true })
    const file = join(older, 'templates', 'crds', 'meshca.dev_meshcaissuers.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace(/ {6}additionalPrinterColumns:\n( {8}.*\n)+/, '      additionalPrinterColumns: []\n'),
    )
    await install(older)
    assert.equal(await columns(), undefined)
    await upgrade({ 'settings.workers': 4 })
    assert.equal(await columns(), 7)
    const deployment = await lab.kube.get<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', ...ACCOUNT })
    assert.ok(containerOf(deployment).args.includes('--workers=4'))
  })

  test('goes on with rights for single objects, and for all', async () => {
    const named = { namespace: 'team', names: ['mine'] }
    await upgrade({
      'references.secrets': [named],
      'references.configMaps': [{ namespace: 'other', names: ['roots'] }],
      serviceAccountTokens: [named],
    })
    const answers = (): Promise<readonly unknown[]> =>
      Promise.all(
        ['team/mine', 'team/roots', 'other/mine', 'other/roots', `${OURS}/any`].map(async (object) => {
          const [place = '', name = ''] = object.split('/')
          const may = [mayGet('secrets', place, name), mayGet('configmaps', place, name), mayHaveToken(place, name)]
          return [object, ...(await Promise.all(may))]
        }),
      )
    await settles(answers, [
      ['team/mine', true, false, true],
      ['team/roots', false, false, false],
      ['other/mine', false, false, false],
      ['other/roots', false, true, false],
      [`${OURS}/any`, true, true, false],
    ])
    await upgrade({ 'references.everywhere': true })
    await settles(answers, [
      ['team/mine', true, true, false],
      ['team/roots', true, true, false],
      ['other/mine', true, true, false],
      ['other/roots', true, true, false],
      [`${OURS}/any`, true, true, false],
    ])
  })

  test('lets the controller ask who readers of the status page are only where that is exposed', async () => {
    const mayAsk = (): Promise<boolean> =>
      may(lab.kube, ACCOUNT, { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' })
    await upgrade({})
    await settles(mayAsk, false)
    await upgrade({ 'status.exposed.enabled': true })
    await settles(mayAsk, true)
  })

  test('ends without issuers being lost', async () => {
    await lab.kube.apply(issuer({ namespace: 'team', name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    const made = parseObjects(await helm.run('get', 'manifest', OURS, '-n', OURS))
    assert.match(await uninstall(), /kept due to the resource policy/)
    for (const object of made) {
      const kept = object.kind === 'CustomResourceDefinition'
      const found = await lab.kube.find(referenceTo(object))
      assert.equal(found !== undefined, kept, `${object.kind} ${object.metadata.name}`)
    }
    await install(CHART)
    assert.ok(await lab.kube.find(ISSUER))
  })

  test('ends with everything gone where that is wanted', async () => {
    await upgrade({ 'crds.keep': false })
    await uninstall()
    await lab.kube.waitUntilGone(CRD)
  })
})

/** The API server judges by what it has heard of roles, which may be a moment old. */
async function settles<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  const attempts = { what: 'The rights that were granted', withinMs: 5_000, everyMs: 50 }
  const same = async (): Promise<true | undefined> => (isDeepStrictEqual(await ask(), expected) ? true : undefined)
  await eventually(attempts, same).catch(async () => assert.deepEqual(await ask(), expected))
}
