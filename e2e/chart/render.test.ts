import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { chartFiles } from '../../config/generate-chart.ts'
import { SETTINGS } from '../../src/settings.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { EVERYTHING } from './everything.ts'
import { CHART, given, type Helm, openHelm, type Values } from './helm.ts'
import { containerOf, type Deployment, deploymentIn } from './pod.ts'
import { REFUSALS } from './refusals.ts'
import { RENDER_CASES, STANDARD_KINDS } from './render-cases.ts'
import { violations } from './restricted.ts'
import type { RbacObject } from './rights.ts'

const ROOT = join(CHART, '..', '..')
const CLUSTER_WIDE = /^(Cluster|CustomResource)/

function nameOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function titleOf(values: Values): string {
  return JSON.stringify(values).slice(0, 100)
}

/** What no role of ours may say, whatever the values are. */
function tooMuch({ rules = [] }: RbacObject): readonly string[] {
  return rules.flatMap((rule) => {
    const { apiGroups = [], resources = [], verbs } = rule
    const words = [...apiGroups, ...resources, ...verbs]
    const secret = resources.some((resource) => /^(secrets|configmaps)(\/|$)/.test(resource))
    const token = resources.includes('serviceaccounts/token')
    return [
      ...words.filter((word) => word.includes('*')),
      ...(secret ? verbs.filter((verb) => verb !== 'get') : []),
      ...(token && rule.resourceNames === undefined ? ['tokens of any ServiceAccount'] : []),
    ]
  })
}

describe('the chart', { timeout: 180_000 }, () => {
  let workspace: Workspace
  let helm: Helm
  before(async () => {
    workspace = await openWorkspace('chart-render')
    helm = await openHelm(workspace)
  })
  after(() => workspace.stop())

  const deploymentOf = async (values: Values): Promise<Deployment> => deploymentIn(await helm.template(values))

  test('passes the strict linter, with everything switched on, too', async () => {
    await helm.run('lint', '--strict', CHART)
    await helm.run('lint', '--strict', CHART, ...given(EVERYTHING))
    await helm.run('lint', '--strict', CHART, ...given({ 'settings.watchNamespaces': ['a'] }))
  })

  test('is what `npm run generate` makes, and of the version of the program', () => {
    for (const [path, content] of chartFiles()) assert.equal(readFileSync(path, 'utf8'), content, path)
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))
    assert.deepEqual([chart.version, chart.appVersion], [version, version])
  })

  test('brings the CustomResourceDefinitions of config/crd, kept unless told', async () => {
    const crds = async (values: Values) => {
      const found = (await helm.template(values)).filter(({ kind }) => kind === 'CustomResourceDefinition')
      return found.map((crd) => ({
        ...crd,
        metadata: { name: crd.metadata.name, annotations: crd.metadata.annotations },
      }))
    }
    const annotations = { 'helm.sh/resource-policy': 'keep' }
    const config = (annotated: object) =>
      ['meshcaclusterissuers', 'meshcaissuers'].map((plural) => {
        const crd = parse(readFileSync(join(ROOT, 'config', 'crd', `meshca.dev_${plural}.yaml`), 'utf8'))
        return { ...crd, metadata: { ...crd.metadata, ...annotated } }
      })
    assert.deepEqual(await crds({}), config({ annotations }))
    assert.deepEqual(await crds({ 'crds.keep': false }), config({ annotations: undefined }))
  })

  for (const { values, changes } of RENDER_CASES) {
    test(`makes the right things of ${titleOf(values)}`, async () => {
      const objects: readonly RbacObject[] = await helm.template(values)
      const removed = changes.filter((change) => change.startsWith('-')).map((change) => change.slice(1))
      const more = changes.filter((change) => change.startsWith('+')).map((change) => change.slice(1))
      const expected = [...STANDARD_KINDS.filter((name) => !removed.includes(name)), ...more]
      assert.deepEqual(objects.map(nameOf).sort(), expected.sort())
      assert.deepEqual(objects.flatMap(tooMuch), [])
      for (const object of objects) {
        const { labels, namespace } = object.metadata
        assert.equal(namespace === undefined, CLUSTER_WIDE.test(object.kind), nameOf(object))
        assert.equal(labels?.['app.kubernetes.io/instance'], 'mesh-ca-issuer', nameOf(object))
      }
      assert.deepEqual(violations(deploymentIn(objects).spec.template.spec), [])
    })
  }

  test('looks at every rule of a pod', async () => {
    const { spec } = (await deploymentOf({})).spec.template
    const [container] = spec.containers
    const bare = { ...spec, securityContext: {}, hostNetwork: true, volumes: [{ name: 'a', hostPath: {} }] }
    assert.deepEqual(violations({ ...bare, containers: [{ ...container, securityContext: { privileged: true } }] }), [
      'hostNetwork',
      'volume hostPath',
      'privileged',
      'allowPrivilegeEscalation',
      'readOnlyRootFilesystem',
      'runAsNonRoot',
      'seccompProfile',
      'capabilities.drop',
    ])
  })

  test('has a value for every setting of the program', async () => {
    const values = { 'settings.clusterId': 'one', 'settings.allowedEndpoints': ['a', 'b'], extraArgs: ['--extra'] }
    const { args } = containerOf(await deploymentOf(values))
    assert.deepEqual([args[0], args.at(-1)], ['controller', '--extra'])
    const given = args.slice(1, -1).map((arg) => arg.slice(2, arg.indexOf('=')))
    // There is no kubeconfig in a pod, whose context could be chosen.
    const settings = SETTINGS.map(({ name }) => name).filter((name) => name !== 'context')
    assert.deepEqual(given.sort(), settings.sort())
    assert.ok(args.includes('--allowed-endpoints=a,b'))
  })

  test('serves the status page on loopback, on every address or nowhere, as told', async () => {
    const address = async (values: Values): Promise<string | undefined> =>
      containerOf(await deploymentOf(values)).args.find((arg) => arg.startsWith('--status-addr='))
    assert.equal(await address({}), '--status-addr=127.0.0.1:8081')
    assert.equal(await address({ 'status.enabled': false }), '--status-addr=')
    assert.equal(await address({ 'status.exposed.enabled': true, 'status.port': 9000 }), '--status-addr=:9000')
  })

  test('lets in through the NetworkPolicy whom the values name, and nobody else', async () => {
    const ingress = async (values: Values): Promise<unknown> => {
      const objects = await helm.template({ 'networkPolicy.enabled': true, ...values })
      const policy: KubeObject & { readonly spec?: { readonly ingress: unknown } } =
        objects.find(({ kind }) => kind === 'NetworkPolicy') ?? assert.fail()
      return policy.spec?.ingress
    }
    const from = [{ namespaceSelector: {} }]
    const rule = (port: string) => ({ from, ports: [{ port, protocol: 'TCP' }] })
    assert.deepEqual(await ingress({}), [])
    assert.deepEqual(await ingress({ 'networkPolicy.metricsFrom': from }), [rule('http')])
    assert.deepEqual(await ingress({ 'status.exposed.from': from }), [])
    assert.deepEqual(await ingress({ 'status.exposed.enabled': true, 'status.exposed.from': from }), [rule('status')])
  })

  test('starts the program with the flags and variables of the image', async () => {
    const { command, args, env } = containerOf(await deploymentOf({ 'node.permission.enabled': false }))
    const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    const line = (instruction: string): string =>
      new RegExp(`^${instruction} (.*)$`, 'm').exec(dockerfile)?.[1] ?? assert.fail(instruction)
    assert.deepEqual(command, JSON.parse(line('ENTRYPOINT')))
    assert.deepEqual([args[0]], JSON.parse(line('CMD')))
    for (const { name, value } of env) assert.match(line('ENV'), new RegExp(`\\b${name}=${value}\\b`))
  })

  test('may read the program, its account and what it is told, and write its compile cache', async () => {
    const { command } = containerOf(
      await deploymentOf({ 'node.permission.readPaths': ['/var/run/secrets', '/etc/ca'] }),
    )
    assert.deepEqual(command.slice(4, -1), [
      '--permission',
      '--allow-fs-read=/app',
      '--allow-fs-read=/var/run/secrets',
      '--allow-fs-read=/etc/ca',
      '--allow-fs-write=/app/cache',
    ])
  })

  test('takes the image by digest before tag', async () => {
    const image = async (values: Values): Promise<string> => containerOf(await deploymentOf(values)).image
    const digest = `sha256:${'0'.repeat(64)}`
    assert.equal(await image({ 'image.tag': 'v2', 'image.repository': 'a/b' }), 'a/b:v2')
    assert.equal(await image({ 'image.tag': 'v2', 'image.digest': digest }), `mesh-ca-issuer@${digest}`)
  })

  for (const { values, words } of REFUSALS) {
    test(`refuses ${titleOf(values)}`, async () => {
      const said = await helm.refusal('template', 'mesh-ca-issuer', CHART, ...given(values))
      assert.ok(said.includes(words), said)
    })
  }
})
