import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { createAuthority } from '../lab/pki.ts'
import { type History, recordRequests, type States, settledIn, settledOnce } from './support-history.ts'
import { ask, csrFor, ISSUED, meshIssuer, outcomeOf, pending } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, turn) => `${prefix}-${turn}`)
const OPEN = numbered('open', 100)
const WAITING = numbered('waiting', 20)
const STOPPED_AFTER = 20

describe('an outage of the API server', { timeout: 180_000 }, () => {
  let scene: Scene
  let history: History
  before(async () => {
    scene = await openScene({ name: 'api-outage', namespaces: [TEAM] })
    await scene.kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'root' })))
    await scene.kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    history = await recordRequests(scene.kube, TEAM)
  })
  after(async () => {
    history.stop()
    await scene.stop()
  })

  const answers = (status: number) =>
    eventually({ what: `/readyz with ${status}`, withinMs: 60_000, everyMs: 50 }, async () => {
      const answer = await scene.controller.get('/readyz')
      return answer.status === status ? answer.body : undefined
    })

  test('loses nothing, and the same process goes on', async () => {
    const { kube, controller, lab } = scene
    const asks = (name: string, issuerName: string) =>
      ask(kube, { namespace: TEAM, name, csr: csrFor(name), issuerRef: meshIssuer(issuerName) })
    await Promise.all(WAITING.map((name) => asks(name, 'late')))
    const words = `MeshCAIssuer ${TEAM}/late does not exist; create it, or correct the issuerRef`
    await history.until('the waiting requests', (states) => WAITING.every((name) => latest(states, name) !== undefined))
    await Promise.all(OPEN.map((name) => asks(name, 'mesh')))
    await history.until(`${STOPPED_AFTER} settled requests`, (states) => settledIn(states) >= STOPPED_AFTER)
    await lab.controlPlane.stopApiServer()
    assert.ok(settledIn(history.states) < OPEN.length, 'the server was stopped before all was done')
    for (const name of WAITING) assert.deepEqual(latest(history.states, name), pending(words))

    const body = await answers(503)
    assert.match(body, /^(\w+ could not be watched for \d+ s; the log says why\n)+$/)
    assert.equal((await controller.get('/livez')).status, 200)

    await lab.controlPlane.startApiServer()
    assert.equal(await answers(200), 'ok\n')
    await kube.apply(issuer({ namespace: TEAM, name: 'late', spec: { ca: { secretRef: { name: 'ca' } } } }))
    await history.until('the end', (states) => settledIn(states) === OPEN.length + WAITING.length)
    for (const name of [...OPEN, ...WAITING]) assert.deepEqual(latest(history.states, name), ISSUED, name)
    // A server that has just started may refuse reads for a moment, and a request say so; but nothing is settled twice.
    for (const [name, states] of history.states) assert.ok(settledOnce(states), name)
    assert.ok(controller.program.running())
  })
})

function latest(states: States, name: string): ReturnType<typeof outcomeOf> | undefined {
  const outcome = states.get(name)?.map(outcomeOf).at(-1)
  return outcome?.ready === 'none' ? undefined : outcome
}
