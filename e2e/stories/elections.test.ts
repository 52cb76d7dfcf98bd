import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference } from '../lab/requests.ts'
import {
  acts,
  audited,
  type Candidate,
  LEASE,
  type Lease,
  leads,
  startCandidate,
  timesOf,
} from './support-elections.ts'
import { openStage, type Stage } from './support-scene.ts'

const TEAM = 'team'
/** How long a Lease is believed that nobody renews. */
const LEASE_MS = 15_000
const AFTER_KILL_MS = 1.2 * LEASE_MS
const AFTER_STOP_MS = 3000

describe('leader election', { timeout: 180_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage({ name: 'elections', namespaces: [TEAM], lab: { audit: true } })
    await stage.kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'root' })))
    await stage.kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
  })
  after(() => stage?.stop())

  const start = (name: string): Promise<Candidate> => startCandidate(stage.lab.controlPlane, { name })
  const issues = async (name: string): Promise<void> => {
    await stage.kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: 'mesh' }))
    await certificateReady(stage.kube, certificateReference(TEAM, name))
  }
  const lease = (): Promise<Lease> => stage.kube.get<Lease>(LEASE)
  /** Collections read from their beginning, or followed. */
  const readings = (since?: number): readonly string[] =>
    audited(stage.lab.controlPlane, since)
      .filter(({ verb }) => verb === 'list' || verb === 'watch')
      .map(({ requestURI }) => requestURI)

  let second: Candidate

  test('of two ready controllers one acts, and the other when that one is killed', async (t) => {
    const { kube } = stage
    const first = await start('first')
    await acts(kube, first)
    second = await start('second')
    await second.ready()
    await issues('by-first')
    assert.deepEqual([await leads(first), await leads(second)], [true, false])
    // Lines are gathered before they are written, so this one may come a moment after the certificate.
    await first.program.log.waitFor(/"team\/by-first-1"/)
    assert.doesNotMatch(second.program.log.text(), /"team\/by-first-1"|"acting"/)

    const killedAt = performance.now()
    await first.kill()
    const left = await lease()
    await acts(kube, second)
    const tookMs = Math.round(performance.now() - killedAt)
    t.diagnostic(`it acted ${tookMs} ms after the kill`)
    // A process that dies says nothing, so the other one waits until the Lease has run out.
    const taken = await lease()
    const gapMs = timesOf(taken).takenAt - timesOf(left).renewedAt
    assert.ok(gapMs >= LEASE_MS, `the Lease was taken after ${gapMs} ms, while it could still be held`)
    assert.ok(tookMs <= AFTER_KILL_MS, `it took ${tookMs} ms`)
    await issues('by-second')
    assert.deepEqual([left.spec.leaseTransitions, taken.spec.leaseTransitions], [0, 1])
  })

  test('after a clean stop a warm standby takes over at once, without reading anything anew', async (t) => {
    const { kube } = stage
    const third = await start('third')
    await third.ready()
    assert.equal(await leads(third), false)
    const [warmAt, stoppedAt] = [Date.now(), performance.now()]
    const stopped = second.stop()
    await acts(kube, third)
    const tookMs = Math.round(performance.now() - stoppedAt)
    t.diagnostic(`it acted ${tookMs} ms after the stop`)
    assert.ok(tookMs <= AFTER_STOP_MS, `it took ${tookMs} ms`)
    await stopped
    await issues('by-third')
    assert.deepEqual([readings().length > 0, readings(warmAt)], [true, []])
    assert.equal((await lease()).spec.leaseTransitions, 2)
    await third.stop()
    assert.equal((await lease()).spec.holderIdentity, '')
  })

  test('without election a controller acts, and no Lease is touched', async () => {
    await stage.kube.delete(LEASE)
    const args = ['--leader-elect=false']
    const alone = await startController(stage.lab.controlPlane, { name: 'alone', args })
    await alone.program.log.waitFor(/"msg":"acting"/)
    await issues('by-alone')
    assert.equal(await leads(alone), true)
    await alone.stop()
    assert.equal(await stage.kube.find(LEASE), undefined)
  })
})
