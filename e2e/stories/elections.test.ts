import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Controller, startController } from '../harness/controller.ts'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'
import { createAuthority } from '../lab/pki.ts'
import { certificateReady, certificateReference } from '../lab/requests.ts'
import { openStage, type Stage } from './support-scene.ts'

const TEAM = 'team'
const LEASE: Reference = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'mesh-ca-issuer',
  name: 'mesh-ca-issuer',
}
/** How long a Lease is believed that nobody renews. */
const LEASE_MS = 15_000

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity?: string; readonly leaseTransitions?: number }
}

describe('leader election', { timeout: 180_000 }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage({ name: 'elections', namespaces: [TEAM] })
    await stage.kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'root' })))
    await stage.kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
  })
  after(() => stage.stop())

  const start = (name: string, ...args: readonly string[]): Promise<Controller> =>
    startController(stage.lab.controlPlane, { name, args })
  const acts = ({ program }: Controller): Promise<string> =>
    program.log.waitFor(/"msg":"acting"/, { timeoutMs: 60_000 })
  const issues = async (name: string): Promise<void> => {
    await stage.kube.apply(meshCertificate({ namespace: TEAM, name, issuerName: 'mesh' }))
    await certificateReady(stage.kube, certificateReference(TEAM, name))
  }
  const lease = async (): Promise<Lease['spec']> => (await stage.kube.get<Lease>(LEASE)).spec

  let second: Controller

  test('of two ready controllers one acts, and the other when that one is killed', async () => {
    const first = await start('first')
    assert.equal(identityIn(await acts(first)), (await lease()).holderIdentity)
    second = await start('second')
    await second.ready()
    await issues('by-first')
    assert.deepEqual([await leads(first), await leads(second)], [true, false])
    // Lines are gathered before they are written, so this one may come a moment after the certificate.
    await first.program.log.waitFor(/"team\/by-first-1"/)
    assert.doesNotMatch(second.program.log.text(), /"team\/by-first-1"|"acting"/)

    // A process that dies says nothing, so the other one waits until the Lease has run out.
    const killedAt = performance.now()
    await first.kill()
    assert.equal(identityIn(await acts(second)), (await lease()).holderIdentity)
    assert.ok(performance.now() - killedAt > LEASE_MS - 5000, 'the Lease was believed while it could still be held')
    await issues('by-second')
    assert.equal((await lease()).leaseTransitions, 1)
  })

  test('after a clean stop another one takes over at once, since the Lease is let go', async () => {
    const third = await start('third')
    await third.ready()
    assert.equal(await leads(third), false)
    const stopped = await second.stop().then(() => performance.now())
    assert.equal(identityIn(await acts(third)), (await lease()).holderIdentity)
    assert.ok(performance.now() - stopped < LEASE_MS / 2, `it took ${Math.round(performance.now() - stopped)} ms`)
    await issues('by-third')
    assert.equal((await lease()).leaseTransitions, 2)
    await third.stop()
    assert.equal((await lease()).holderIdentity, '')
  })

  test('without election a controller acts, and no Lease is touched', async () => {
    await stage.kube.delete(LEASE)
    const alone = await start('alone', '--leader-elect=false')
    await acts(alone)
    await issues('by-alone')
    assert.equal(await leads(alone), true)
    await alone.stop()
    assert.equal(await stage.kube.find(LEASE), undefined)
  })
})

function identityIn(line: string): string | undefined {
  return /"identity":"([^"]+)"/.exec(line)?.[1]
}

async function leads(controller: Controller): Promise<boolean> {
  const { body } = await controller.get('/metrics')
  return /^meshca_leader 1$/m.test(body)
}
