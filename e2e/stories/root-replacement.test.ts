import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type Envoy, startEnvoy } from '../lab/envoy.ts'
import { type Peer, shakeHands } from '../lab/handshake.ts'
import { type CertificateRequest, conditionOf } from '../lab/kube-objects.ts'
import { nodePeer } from '../lab/node-peer.ts'
import type { Authority } from '../lab/pki.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalRoots } from './mesh-certificates.ts'
import { PLACE, readCacerts } from './mesh-cluster.ts'
import type { Mesh } from './mesh-istiod.ts'
import {
  checkedConditions,
  createRoots,
  declared,
  edit,
  type Roots,
  renewKeepingRequests,
  SECRET_B,
  startUnderA,
  words,
} from './mesh-rotation.ts'
import { startTraffic, type Traffic } from './mesh-traffic.ts'
import { tells } from './support-events.ts'

/** ServiceAccounts of the workloads of each cluster, and of those that are renewed no more. */
const NODE = 'node'
const ENVOY = 'envoy'
const LEFT = 'left-behind'
const PEERS = [NODE, ENVOY, LEFT].map((account) => `spiffe://cluster.local/ns/default/sa/${account}`)
const SET_CHANGED =
  'ca.crt changes with this certificate: istiod needs ISTIO_MULTIROOT_MESH or a restart, and drops renewals until then'
const NOT_HELD =
  'the published roots are those that were declared; trust.minimumDwell is 0s, so a step does not wait until workloads have picked the one before it up'

/** The workloads of one cluster: one with OpenSSL, which is made anew at each renewal, and one with Envoy. */
interface Workloads {
  readonly mesh: Mesh
  readonly envoy: Envoy
}

describe('a root is replaced by hand, in three edits, in two clusters', { timeout: 240_000 }, () => {
  const traffic: Traffic = startTraffic()
  let workspace: Workspace
  let roots: Roots
  let meshes: readonly Mesh[]
  let workloads: readonly Workloads[]
  let left: { readonly node: Peer; readonly envoy: Envoy }
  before(async () => {
    workspace = await openWorkspace('root-replacement')
    roots = await createRoots()
    meshes = await Promise.all([startUnderA(workspace, 'east', roots), startUnderA(workspace, 'west', roots)])
    workloads = await Promise.all(meshes.map(async (mesh) => ({ mesh, envoy: await sidecar(mesh, ENVOY) })))
    for (const { mesh, envoy } of workloads) await traffic.join(`${mesh.cluster.name}/${ENVOY}`, envoy)
    await renewWorkloads()
    const mesh = firstMesh()
    left = { node: nodePeer(await mesh.workload(LEFT)), envoy: await sidecar(mesh, LEFT) }
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

  async function sidecar(mesh: Mesh, account: string): Promise<Envoy> {
    const name = `${mesh.cluster.name}-${account}`
    return startEnvoy(workspace, { name, identity: await mesh.workload(account), peers: PEERS })
  }

  async function renewWorkloads(): Promise<void> {
    for (const { mesh, envoy } of workloads) {
      await traffic.join(`${mesh.cluster.name}/${NODE}`, nodePeer(await mesh.workload(NODE)))
      await envoy.take(await mesh.workload(ENVOY))
      await traffic.round()
    }
  }

  /** Who refuses, of those left behind and those renewed just now, for every pair of stacks and with both callers. */
  async function refusals(): Promise<Readonly<Record<'leftCalls' | 'leftIsCalled', ReadonlySet<string>>>> {
    const [leftCalls, leftIsCalled] = [new Set<string>(), new Set<string>()]
    const [first] = workloads
    assert.ok(first)
    const renewed = [nodePeer(await first.mesh.workload(NODE)), first.envoy]
    for (const one of [left.node, left.envoy]) {
      for (const other of renewed) {
        leftCalls.add(await refuser(other, one))
        leftIsCalled.add(await refuser(one, other))
      }
    }
    return { leftCalls, leftIsCalled }
  }

  interface Step {
    readonly spec: Readonly<Record<string, unknown>>
    readonly signer: Authority
    readonly published: readonly Authority[]
    /** How the request names the step. */
    readonly reason: string
  }

  /** A step in one cluster, and the request that it was taken with. */
  interface Taken {
    readonly mesh: Mesh
    readonly request: CertificateRequest
  }

  /** One edit everywhere, then a renewal of every Certificate, then of every workload. */
  async function take(t: TestContext, { spec, signer, published, reason }: Step): Promise<readonly Taken[]> {
    const taken: Taken[] = []
    for (const mesh of meshes) {
      await edit(mesh, spec)
      await traffic.round()
    }
    for (const mesh of meshes) {
      const { cluster } = mesh
      const { storedMs, servedMs, request } = await renewKeepingRequests(mesh)
      taken.push({ mesh, request })
      t.diagnostic(`${cluster.name}: stored after ${storedMs.toFixed(0)} ms, served after ${servedMs.toFixed(0)} ms`)
      await traffic.round()
      const expected = canonicalRoots(...published.map(({ rootPem }) => rootPem))
      assert.equal((await readCacerts(cluster.kube)).roots, expected)
      const pair = conditionOf(request, 'meshca.dev/TrustPair')
      assert.deepEqual([pair?.message, pair?.reason], [words({ signer, roots: published }), reason])
      const { TrustReady, Ready } = await checkedConditions(mesh)
      assert.deepEqual([TrustReady?.message, Ready?.message], [NOT_HELD, 'the issuer can sign'])
    }
    await renewWorkloads()
    return taken
  }

  async function toldOfTheSet({ mesh, request }: Taken): Promise<void> {
    const subject = { kind: 'CertificateRequest', namespace: PLACE, name: request.metadata.name }
    const expected = { type: 'Warning', reason: 'TrustSetChanged', note: SET_CHANGED }
    assert.deepEqual(await tells(mesh.cluster.kube, subject, 'TrustSetChanged'), expected)
  }

  test('1. the roots gain B', async (t) => {
    const published = [roots.a, roots.b]
    const spec = { trust: { additionalRoots: declared(...published) } }
    const taken = await take(t, { spec, signer: roots.a, published, reason: 'Widened' })
    for (const one of taken) await toldOfTheSet(one)
    assert.deepEqual(await refusals(), { leftCalls: new Set(['nobody']), leftIsCalled: new Set(['nobody']) })
  })

  test('2. the signer moves under B', async (t) => {
    const spec = { ca: { secretRef: SECRET_B } }
    await take(t, { spec, signer: roots.b, published: [roots.a, roots.b], reason: 'SignerMoved' })
    // Those left behind do not know B, but are known below A.
    assert.deepEqual(await refusals(), { leftCalls: new Set(['client']), leftIsCalled: new Set(['server']) })
  })

  test('3. A leaves', async (t) => {
    const spec = { trust: { additionalRoots: declared(roots.b) } }
    const taken = await take(t, { spec, signer: roots.b, published: [roots.b], reason: 'Narrowed' })
    for (const one of taken) await toldOfTheSet(one)
    assert.deepEqual(await refusals(), { leftCalls: new Set(['client']), leftIsCalled: new Set(['client']) })
  })

  test('no handshake failed in between', async (t) => {
    await traffic.stop()
    const { handshakes, failures } = traffic.count()
    t.diagnostic(`${handshakes} handshakes, ${failures.length} failed`)
    assert.deepEqual(failures, [])
    assert.ok(handshakes > 100)
    for (const { envoy } of workloads) {
      const { handshakes: judged, resumed } = await envoy.count()
      t.diagnostic(`${judged} with ${envoy.program.name}`)
      assert.ok(judged > 100)
      assert.equal(resumed, 0)
    }
  })

  test('a workload that goes from A to B at once is refused by those below A, so a failure would have shown', async () => {
    const { node, envoy } = left
    assert.deepEqual([await refuser(node, envoy), await refuser(envoy, node)], ['nobody', 'nobody'])
    await envoy.take(await firstMesh().workload(LEFT))
    const unknown = { ok: false, refusedBy: 'client' }
    const byNode = 'self-signed certificate in certificate chain'
    const byEnvoy = `X509 verify cert: certificate verification error at depth 2: ${byNode.replace('-', ' ')}`
    assert.deepEqual(await shakeHands(envoy, node), { ...unknown, error: byNode })
    assert.deepEqual(await shakeHands(node, envoy), { ...unknown, error: byEnvoy })
  })
})

async function refuser(server: Peer, client: Peer): Promise<string> {
  const result = await shakeHands(server, client)
  return result.ok ? 'nobody' : result.refusedBy
}
