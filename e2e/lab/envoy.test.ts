import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Envoy, startEnvoy } from './envoy.ts'
import { type HandshakeResult, type Peer, shakeHands } from './handshake.ts'
import { listeningAddresses } from './listeners.ts'
import { nodePeer } from './node-peer.ts'
import { type Authority, createAuthority, issueWorkload } from './pki.ts'
import type { WorkloadIdentity } from './workload.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const LOOPBACK = '0100007F'
const ALPHA = 'spiffe://cluster.local/ns/default/sa/alpha'
const BETA = 'spiffe://cluster.local/ns/default/sa/beta'
const STRANGER = 'spiffe://cluster.local/ns/default/sa/stranger'
const ACCEPTED = { ok: true }

describe('Envoy of the lab', { timeout: 60_000 }, () => {
  let workspace: Workspace
  let root: Authority
  let other: Authority
  let alpha: Envoy
  let beta: Envoy
  before(async () => {
    workspace = await openWorkspace('envoy')
    ;[root, other] = await Promise.all([createAuthority({ commonName: 'A' }), createAuthority({ commonName: 'B' })])
    const peers = [ALPHA, BETA]
    const start = async (name: string, spiffeId: string): Promise<Envoy> =>
      startEnvoy(workspace, { name, peers, identity: await identity(spiffeId) })
    ;[alpha, beta] = await Promise.all([start('alpha', ALPHA), start('beta', BETA)])
  })
  after(() => workspace?.stop())

  async function identity(spiffeId: string, signer = root): Promise<WorkloadIdentity> {
    const { certificatePem, keyPem } = await issueWorkload(signer, spiffeId)
    return { spiffeId, keyPem, chain: [certificatePem], rootPem: signer.rootPem }
  }

  /** With each in both roles. */
  async function both(one: Peer, two: Peer): Promise<readonly HandshakeResult[]> {
    return [await shakeHands(one, two), await shakeHands(two, one)]
  }

  test('shakes hands with its like and with Node, each time anew', async () => {
    const before = await alpha.count()
    const node = nodePeer(await identity(BETA))
    for (const peer of [beta, node, beta, node]) assert.deepEqual(await both(alpha, peer), [ACCEPTED, ACCEPTED])
    const { handshakes, resumed } = await alpha.count()
    assert.deepEqual({ handshakes: handshakes - before.handshakes, resumed }, { handshakes: 8, resumed: 0 })
  })

  test('lets no workload pass as another', async () => {
    const stranger = nodePeer(await identity(STRANGER))
    const calledAsBeta = { ...stranger, spiffeId: BETA }
    const error = `SAN matcher, certificate SANs are [${STRANGER}]`
    assert.deepEqual(await shakeHands(calledAsBeta, alpha), { ok: false, error, refusedBy: 'client' })
    assert.equal(refuser(await shakeHands(alpha, stranger)), 'server')
  })

  test('lets no workload pass below a root that it does not trust', async () => {
    const { chain, keyPem } = await identity(BETA, other)
    // It trusts alpha, so that only alpha can refuse.
    const node = nodePeer({ spiffeId: BETA, chain, keyPem, rootPem: root.rootPem })
    assert.deepEqual((await both(node, alpha)).map(refuser), ['client', 'server'])
  })

  test('uses another certificate and other roots as soon as it is said to have them', async () => {
    const node = nodePeer(await identity(BETA))
    await alpha.take(await identity(ALPHA, other))
    assert.deepEqual((await both(alpha, node)).map(refuser), ['client', 'client'])
    const moved = nodePeer(await identity(BETA, other))
    assert.deepEqual(await both(alpha, moved), [ACCEPTED, ACCEPTED])
    await alpha.take(await identity(ALPHA))
    assert.deepEqual(await both(alpha, node), [ACCEPTED, ACCEPTED])
  })

  test('says so when it will not have a certificate', async () => {
    const [one, two] = [await identity(BETA), await identity(BETA)]
    await assert.rejects(beta.take({ ...one, keyPem: two.keyPem }), /beta would not have it:.*private key/s)
  })

  test('listens on loopback only', async () => {
    assert.deepEqual(new Set(await listeningAddresses(alpha.program.pid)), new Set([LOOPBACK]))
  })
})

function refuser(result: HandshakeResult): string | undefined {
  return result.ok ? undefined : result.refusedBy
}
