import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Controller, startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { approve, certificateReady, certificateReference } from '../lab/requests.ts'
import { issuerWrites, recordRequests, settledIn } from './support-history.ts'
import { statusApplies } from './support-metrics.ts'
import { ask, csrFor, ISSUED, meshIssuer, outcomeOf } from './support-requests.ts'
import { openStage, type Stage } from './support-scene.ts'

const TEAM = 'team'
const CERTIFICATES = 20
const REQUESTS = 200
const KILLED_AFTER = [40, 80, 120]
/** Of a controller to the API server: as many writes may be under way. */
const CONNECTIONS = 8

describe('restarts of the controller', { timeout: 180_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage({ name: 'restart', namespaces: [TEAM, 'happy'] })
    const root = await createAuthority({ commonName: 'root' })
    for (const namespace of [TEAM, 'happy']) {
      await stage.kube.apply(caSecret(namespace, 'ca', root))
      await stage.kube.apply(issuer({ namespace, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    }
  })
  after(() => stage.stop())

  /** One worker, so that there is a middle to be stopped in; no election, so that nobody waits for a dead leader. */
  const start = (name: string): Promise<Controller> =>
    startController(stage.lab.controlPlane, { name, args: ['--workers=1', '--leader-elect=false'] })

  test('on the happy path there is exactly one write for each certificate', async () => {
    const { kube } = stage
    const controller = await start('happy')
    await controller.ready()
    const before = await statusApplies(kube)
    const names = Array.from({ length: CERTIFICATES }, (_, turn) => `certificate-${turn}`)
    await Promise.all(
      names.map((name) => kube.apply(meshCertificate({ namespace: 'happy', name, issuerName: 'mesh' }))),
    )
    for (const name of names) await certificateReady(kube, certificateReference('happy', name))
    await controller.stop()
    const after = await statusApplies(kube)
    assert.deepEqual(
      { applied: after.applied - before.applied, refused: after.refused - before.refused },
      { applied: CERTIFICATES, refused: 0 },
    )
  })

  test('killed again and again in the middle of 200 open requests, it settles each one once', async () => {
    const { kube, lab } = stage
    await lab.certManager?.stopController()
    const names = Array.from({ length: REQUESTS }, (_, turn) => `request-${turn}`)
    await Promise.all(
      names.map(async (name) =>
        approve(kube, await ask(kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshIssuer('mesh') })),
      ),
    )
    const before = await statusApplies(kube)
    const history = await recordRequests(kube, TEAM)
    for (const count of KILLED_AFTER) {
      const controller = await start(`killed-after-${count}`)
      await history.until(`${count} settled requests`, (states) => settledIn(states) >= count)
      await controller.kill()
      assert.ok(settledIn(history.states) < REQUESTS, 'it was killed before it had finished')
    }
    const last = await start('last')
    await history.until('the end', (states) => settledIn(states) === REQUESTS)
    // What would be written twice had been written before this one: its approval and its certificate are two more.
    const later = { namespace: TEAM, name: 'later', csr: csrFor('later'), issuerRef: meshIssuer('mesh') }
    await approve(kube, await ask(kube, later))
    await history.until('one more', (states) => settledIn(states) === REQUESTS + 1)
    await last.stop()
    history.stop()
    const after = await statusApplies(kube)
    // What a kill cuts off may take place all the same, and is then not counted.
    const written = after.applied - before.applied
    const cutOff = REQUESTS + 2 - written
    assert.ok(cutOff >= 0 && cutOff <= KILLED_AFTER.length * CONNECTIONS, `${written} writes`)
    for (const [name, states] of history.states) {
      const settled = states.at(-1)
      assert.deepEqual(settled && outcomeOf(settled), ISSUED, name)
      assert.equal(issuerWrites(states), 1, name)
    }
  })
})
