import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { handshake } from '../lab/handshake.ts'
import { conditionOf } from '../lab/kube-objects.ts'
import type { Authority } from '../lab/pki.ts'
import type { WorkloadIdentity } from '../lab/workload.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalRoots } from './mesh-certificates.ts'
import { PLACE, readCacerts } from './mesh-cluster.ts'
import type { Mesh } from './mesh-istiod.ts'
import {
  checkedConditions,
  createRoots,
  declared,
  edit,
  lastRequest,
  type Roots,
  SECRET_B,
  startUnderA,
  words,
} from './mesh-rotation.ts'
import { startTraffic, type Traffic } from './mesh-traffic.ts'
import { tells } from './support-events.ts'

const WORKLOADS = ['client', 'server']
const SET_CHANGED =
  'ca.crt changes with this certificate: istiod needs ISTIO_MULTIROOT_MESH or a restart, and drops renewals until then'
const NOT_HELD =
  'the published roots are those that were declared; trust.minimumDwell is 0s, so a step does not wait until workloads have picked the one before it up'

describe('a root is replaced by hand, in three edits, in two clusters', { timeout: 240_000 }, () => {
  const traffic: Traffic = startTraffic()
  let workspace: Workspace
  let roots: Roots
  let meshes: readonly Mesh[]
  let left: WorkloadIdentity
  before(async () => {
    workspace = await openWorkspace('root-replacement')
    roots = await createRoots()
    meshes = await Promise.all([startUnderA(workspace, 'east', roots), startUnderA(workspace, 'west', roots)])
    await renewWorkloads()
    left = await firstMesh().workload('left-behind')
  })
  after(async () => {
    await traffic.stop()
    await workspace?.stop()
  })

  function firstMesh(): Mesh {
    const [mesh] = meshes
    assert.ok(mesh)
    return mesh
  }

  async function renewWorkloads(): Promise<void> {
    for (const mesh of meshes) {
      for (const name of WORKLOADS) await traffic.join(`${mesh.cluster.name}/${name}`, await mesh.workload(name))
    }
  }

  interface Step {
    readonly spec: Readonly<Record<string, unknown>>
    readonly signer: Authority
    readonly published: readonly Authority[]
    /** How the request names the step. */
    readonly reason: string
  }

  /** One edit everywhere, then a renewal of every Certificate, then of every workload. */
  async function take(t: TestContext, { spec, signer, published, reason }: Step): Promise<void> {
    for (const mesh of meshes) {
      await edit(mesh, spec)
      await traffic.round()
    }
    for (const mesh of meshes) {
      const { cluster } = mesh
      const { storedMs, servedMs } = await mesh.renew()
      t.diagnostic(`${cluster.name}: stored after ${storedMs.toFixed(0)} ms, served after ${servedMs.toFixed(0)} ms`)
      await traffic.round()
      const expected = canonicalRoots(...published.map(({ rootPem }) => rootPem))
      assert.equal((await readCacerts(cluster.kube)).roots, expected)
      const pair = conditionOf(await lastRequest(mesh), 'meshca.dev/TrustPair')
      assert.deepEqual([pair?.message, pair?.reason], [words({ signer, roots: published }), reason])
      const { TrustReady, Ready } = await checkedConditions(mesh)
      assert.deepEqual([TrustReady?.message, Ready?.message], [NOT_HELD, 'the issuer can sign'])
    }
    await renewWorkloads()
  }

  async function toldOfTheSet(mesh: Mesh): Promise<void> {
    const { metadata } = await lastRequest(mesh)
    const subject = { kind: 'CertificateRequest', namespace: PLACE, name: metadata.name }
    const expected = { type: 'Warning', reason: 'TrustSetChanged', note: SET_CHANGED }
    assert.deepEqual(await tells(mesh.cluster.kube, subject, 'TrustSetChanged'), expected)
  }

  test('1. the roots gain B', async (t) => {
    const published = [roots.a, roots.b]
    const spec = { trust: { additionalRoots: declared(...published) } }
    await take(t, { spec, signer: roots.a, published, reason: 'Widened' })
    for (const mesh of meshes) await toldOfTheSet(mesh)
  })

  test('2. the signer moves under B', async (t) => {
    const spec = { ca: { secretRef: SECRET_B } }
    await take(t, { spec, signer: roots.b, published: [roots.a, roots.b], reason: 'SignerMoved' })
  })

  test('3. A leaves', async (t) => {
    const spec = { trust: { additionalRoots: declared(roots.b) } }
    await take(t, { spec, signer: roots.b, published: [roots.b], reason: 'Narrowed' })
    for (const mesh of meshes) await toldOfTheSet(mesh)
  })

  test('no handshake failed in between', async (t) => {
    await traffic.stop()
    const { handshakes, failures } = traffic.count()
    t.diagnostic(`${handshakes} handshakes, ${failures.length} failed`)
    assert.deepEqual(failures, [])
    assert.ok(handshakes > 100)
  })

  test('a workload that was not renewed in all that time is refused, so a failure would have shown', async () => {
    const renewed = await firstMesh().workload('client')
    const error = 'self-signed certificate in certificate chain'
    assert.deepEqual(await handshake(renewed, left), { ok: false, error, refusedBy: 'client' })
  })
})
