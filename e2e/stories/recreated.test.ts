import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { parseCertificationRequest } from '../../src/pki/csr.ts'
import { testKeys } from '../../src/testing/keys.ts'
import { caSecret, issuer } from '../harness/objects.ts'
import type { Kube } from '../lab/kube.ts'
import { type CertificateRequest, isTrue } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'
import { createAuthority } from '../lab/pki.ts'
import { told } from './support-events.ts'
import { type History, issuerWrites, recordRequests } from './support-history.ts'
import { answerOf, ask, csrFor, ISSUED, meshIssuer, outcomeOf, settled } from './support-requests.ts'
import { openScene, type Scene } from './support-scene.ts'

const TEAM = 'team'
const NAMES = Array.from({ length: 24 }, (_, turn) => `request-${turn}`)

describe('requests that go while they are signed', { timeout: 120_000 }, () => {
  let scene: Scene
  let history: History
  before(async () => {
    scene = await openScene({ name: 'recreated', namespaces: [TEAM] })
    await scene.kube.apply(caSecret(TEAM, 'ca', await createAuthority({ commonName: 'root' })))
    await scene.kube.apply(issuer({ namespace: TEAM, name: 'mesh', spec: { ca: { secretRef: { name: 'ca' } } } }))
    history = await recordRequests(scene.kube, TEAM)
  })
  after(async () => {
    history.stop()
    await scene.stop()
  })

  const keys = testKeys()
  /** A CSR under the same subject, with a key that follows from `label`. */
  const csr = (name: string, label: string) => csrFor(name, { key: keys('ECDSA-P256', `${name} ${label}`) })
  const asks = (name: string, label: string) =>
    ask(scene.kube, { namespace: TEAM, name, csr: csr(name, label), issuerRef: meshIssuer('mesh') })

  test('a request deleted while it is signed ends quietly', async () => {
    const { kube, controller } = scene
    const from = controller.program.log.position()
    // With the process held, approval and deletion reach it in one breath, the deletion while the signature is made.
    process.kill(controller.program.pid, 'SIGSTOP')
    const references = await Promise.all(NAMES.map((name) => asks(name, 'deleted')))
    await approved(kube, references)
    await Promise.all(references.map((reference) => kube.delete(reference)))
    process.kill(controller.program.pid, 'SIGCONT')
    const later = await asks('later', 'first')
    assert.deepEqual(outcomeOf(await settled(kube, later)), ISSUED)
    await controller.program.log.waitFor(/"team\/later"/, { from })
    const lines = controller.program.log.text().split('\n').slice(from)
    const loud = lines.filter((line) => /"team\/request-|"level":"(warn|error)"/.test(line))
    assert.deepEqual(loud, [])
    for (const name of NAMES) {
      assert.deepEqual(await told(kube, { kind: 'CertificateRequest', namespace: TEAM, name }), [])
      assert.equal(issuerWrites(history.states.get(name) ?? []), 0, name)
    }
  })

  test('a request created again under its name gets its own certificate', async () => {
    const { kube, controller } = scene
    process.kill(controller.program.pid, 'SIGSTOP')
    const first = await Promise.all(NAMES.map((name) => asks(name, 'first')))
    await approved(kube, first)
    await Promise.all(first.map((reference) => kube.delete(reference)))
    const second = await Promise.all(NAMES.map((name) => asks(name, 'second')))
    await approved(kube, second)
    process.kill(controller.program.pid, 'SIGCONT')
    for (const reference of second) await assertOwn(kube, reference, csr(reference.name, 'second'))
  })

  test('also when the controller runs all the while', async () => {
    const { kube } = scene
    for (const label of ['third', 'fourth']) {
      await Promise.all(NAMES.map((name) => kube.delete(reference(name))))
      await Promise.all(NAMES.map((name) => asks(name, label)))
    }
    for (const name of NAMES) await assertOwn(kube, reference(name), csr(name, 'fourth'))
    const uids = new Map<string, CertificateRequest[]>()
    for (const states of history.states.values())
      for (const state of states)
        uids.set(state.metadata.uid ?? '', [...(uids.get(state.metadata.uid ?? '') ?? []), state])
    for (const states of uids.values())
      assert.ok(issuerWrites(states) <= 1, `${states[0]?.metadata.name} was written twice`)
  })
})

function reference(name: string): Reference {
  return { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', namespace: TEAM, name }
}

async function approved(kube: Kube, references: readonly Reference[]): Promise<void> {
  for (const one of references) await kube.waitFor<CertificateRequest>(one, (request) => isTrue(request, 'Approved'))
}

async function assertOwn(kube: Kube, request: Reference, csr: string): Promise<void> {
  const answered = await settled(kube, request)
  assert.deepEqual(outcomeOf(answered), ISSUED)
  const { publicKey } = new X509Certificate(answerOf(answered).certificate)
  const asked = createPublicKey({
    key: Buffer.from(parseCertificationRequest(csr).publicKey.spki),
    format: 'der',
    type: 'spki',
  })
  assert.ok(publicKey.equals(asked), `${request.name} has the key of its namesake`)
}
