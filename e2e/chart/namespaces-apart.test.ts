import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Controller } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate, namespace } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { parseObjects } from '../lab/kube.ts'
import { type CertificateRequest, isTrue, type KubeObject } from '../lab/kube-objects.ts'
import { referenceTo } from '../lab/kube-paths.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference, requestReference } from '../lab/requests.ts'
import { leads } from '../stories/support-elections.ts'
import { recordRequests, settledIn, settledOnce } from '../stories/support-history.ts'
import { ask, csrFor, meshIssuer, outcomeOf } from '../stories/support-requests.ts'
import { CHART, given, type Helm, openHelm, type Values } from './helm.ts'
import { deploymentIn, podStarter, type StartPod } from './pod.ts'

const TEAMS = ['team-a', 'team-b', 'team-c']
const REMEDY = 'they may not be read; grant the controller the verbs list and watch on them'

/** An installed chart. */
interface Release {
  readonly objects: readonly KubeObject[]
  readonly start: (name: string) => Promise<Controller>
}

describe('installations for some namespaces each', { timeout: 180_000 }, () => {
  let lab: Lab
  let helm: Helm
  let startPod: StartPod
  let first: Release
  before(async () => {
    lab = await startLab({ name: 'chart-apart' })
    helm = await openHelm(lab.workspace, lab.controlPlane.kubeconfig('admin'))
    startPod = await podStarter(lab.controlPlane)
    const root = await createAuthority({ commonName: 'root' })
    for (const name of ['first', 'second', 'whole', 'together', ...TEAMS]) await lab.kube.apply(namespace(name))
    for (const place of ['whole', ...TEAMS]) await lab.kube.apply(caSecret(place, 'ca', root))
    first = await install('first', { 'settings.watchNamespaces': ['team-a', 'team-b'] })
    for (const team of TEAMS) {
      await lab.kube.apply(issuer({ namespace: team, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    }
  })
  after(() => lab.stop())

  /** Of this name, in the namespace of this name where no other is said. */
  const install = async (name: string, values: Values, place = name): Promise<Release> => {
    await helm.run('install', name, CHART, '-n', place, ...given(values))
    const objects = parseObjects(await helm.run('get', 'manifest', name, '-n', place))
    return { objects, start: (pod) => startPod(deploymentIn(objects), pod) }
  }
  /** Takes a binding of the first release away, and gives back what brings it back. */
  const withoutBinding = async (place: string, name: string): Promise<() => Promise<unknown>> => {
    const binding = first.objects.find(
      ({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === place && metadata.name === name,
    )
    assert.ok(binding)
    await lab.kube.delete(referenceTo(binding))
    return () => lab.kube.apply(binding)
  }
  /** Waits until it is not ready for these reasons and no other; before, it may not have come as far as they are. */
  const says = (controller: Controller, ...reasons: readonly string[]): Promise<true> =>
    eventually({ what: `A /readyz with ${reasons.join(' and ')}`, withinMs: 20_000, everyMs: 25 }, async () => {
      const { status, body } = await controller.get('/readyz').catch(() => ({ status: 0, body: '' }))
      return status === 503 && body === `${reasons.join('\n')}\n` ? true : undefined
    })
  const asksFor = (team: string, name: string): Promise<unknown> =>
    lab.kube.apply(meshCertificate({ namespace: team, name, issuerName: 'mesh' }))
  const issued = (team: string, name: string): Promise<unknown> =>
    certificateReady(lab.kube, certificateReference(team, name))

  test('serve the others where one namespace may not be read, and that one as soon as it may', async () => {
    const giveBack = await withoutBinding('team-b', 'first-mesh-ca-issuer')
    const controller = await first.start('first-narrowed')
    for (const team of ['team-a', 'team-b']) await asksFor(team, 'early')
    await issued('team-a', 'early')
    const early = requestReference('team-b', 'early-1')
    const approved = await lab.kube.waitFor<CertificateRequest>(early, (request) => isTrue(request, 'Approved'))
    assert.equal(outcomeOf(approved).ready, 'none')
    const incomplete = ['certificaterequests', 'meshcaissuers'].map(
      (plural) => `the list of ${plural} in namespace team-b is not complete: ${REMEDY}`,
    )
    await says(controller, ...incomplete)
    await controller.program.log.waitFor(/"what":"watch certificaterequests in namespace team-b","error":".*403/)
    assert.equal(outcomeOf(await lab.kube.get<CertificateRequest>(early)).ready, 'none', 'it is not judged half known')
    await giveBack()
    await issued('team-b', 'early')
    await controller.ready()
    await controller.stop()
  })

  test('do not begin before they know which cluster this is, and say how to tell them', async () => {
    const giveBack = await withoutBinding('kube-system', 'first-mesh-ca-issuer-cluster-id')
    const controller = await first.start('first-unknowing')
    await says(
      controller,
      'the identity of the cluster is not known: the namespace kube-system may not be got; grant that, or set --cluster-id',
    )
    assert.doesNotMatch(controller.program.log.text(), /"msg":"acting"/)
    await giveBack()
    await controller.ready()
    await controller.program.log.waitFor(/"msg":"acting"/)
    await controller.stop()
  })

  test('stand side by side, and beside one for everything else', async () => {
    const beside = { 'settings.clusterId': 'lab', 'crds.enabled': false }
    const second = await install('second', { ...beside, 'settings.watchNamespaces': ['team-c'] })
    const whole = await install('whole', { ...beside, 'settings.skipNamespaces': TEAMS })
    const spec = { ca: { secretRef: { name: 'ca' } }, allowedNamespaces: { selector: {} } }
    await lab.kube.apply(issuer({ name: 'shared', spec }))
    const starts = [first.start('first-beside'), second.start('second-beside'), whole.start('whole-beside')]
    const controllers = await Promise.all(starts)
    for (const { ready } of controllers) await ready()
    for (const team of TEAMS) await asksFor(team, 'beside')
    const toShared = { namespace: 'team-a', name: 'shared', issuerName: 'shared', issuerKind: 'MeshCAClusterIssuer' }
    await lab.kube.apply(meshCertificate(toShared))
    for (const team of TEAMS) await issued(team, 'beside')
    await issued('team-a', 'shared')
    for (const { program, stop } of controllers) {
      await program.log.waitFor(/"outcome":"Issued"/)
      await stop()
    }
    const served = controllers.map(({ program }) =>
      [...program.log.text().matchAll(/"request":"([\w-]+\/[\w-]+)".*"outcome":"Issued"/g)]
        .map(([, name]) => name)
        .sort(),
    )
    assert.deepEqual(served, [['team-a/beside-1', 'team-b/beside-1'], ['team-c/beside-1'], ['team-a/shared-1']])
  })

  test('share a namespace where each has a Lease of its own', async () => {
    const inOne = (name: string, team: string): Promise<Release> => {
      const values = { 'settings.watchNamespaces': [team], 'settings.leaderElection.leaseName': `of-${team}` }
      return install(name, { 'settings.clusterId': 'lab', 'crds.enabled': false, ...values }, 'together')
    }
    const releases = [await inOne('north', 'team-a'), await inOne('south', 'team-b')]
    const controllers = await Promise.all(releases.map(({ start }, index) => start(`together-${index}`)))
    for (const team of ['team-a', 'team-b']) await asksFor(team, 'together')
    for (const team of ['team-a', 'team-b']) await issued(team, 'together')
    assert.deepEqual(await Promise.all(controllers.map(leads)), [true, true])
    for (const { stop } of controllers) await stop()
  })

  test('settle a request once even where they overlap by mistake', async () => {
    await helm.run(
      'upgrade',
      'second',
      CHART,
      '-n',
      'second',
      '--reuse-values',
      ...given({ 'settings.watchNamespaces': ['team-a'] }),
    )
    const objects = parseObjects(await helm.run('get', 'manifest', 'second', '-n', 'second'))
    const controllers = await Promise.all([
      first.start('first-overlap'),
      startPod(deploymentIn(objects), 'second-overlap'),
    ])
    for (const { ready } of controllers) await ready()
    const history = await recordRequests(lab.kube, 'team-a')
    const names = Array.from({ length: 20 }, (_, index) => `overlap-${index}`)
    await Promise.all(
      names.map((name) =>
        ask(lab.kube, { namespace: 'team-a', name, csr: csrFor(name), issuerRef: meshIssuer('mesh') }),
      ),
    )
    await history.until('twenty settled requests', (states) => settledIn(states) === names.length)
    const pages = await Promise.all(controllers.map(({ get }) => get('/metrics')))
    for (const { stop } of controllers) await stop()
    history.stop()
    for (const [name, states] of history.states) assert.ok(settledOnce(states), name)
    // What it costs: some were signed twice, and the second answer was dropped.
    const signed = pages.map(({ body }) =>
      Number(/^meshca_sign_seconds_count{.*issued.*} (\d+)$/m.exec(body)?.[1] ?? 0),
    )
    assert.ok(
      signed.every((count) => count > 0),
      `both took part: ${signed}`,
    )
  })
})
