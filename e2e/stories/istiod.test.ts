import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { handshake } from '../lab/handshake.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import type { WorkloadIdentity } from '../lab/workload.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalBlocks } from './mesh-certificates.ts'
import { CACERTS, ISSUER, MESH_ISSUER, type MeshCluster, PLACE, readCacerts, startMeshCluster } from './mesh-cluster.ts'
import { type Mesh, startMesh } from './mesh-istiod.ts'
import { opensslVerify, withoutOpenssl } from './mesh-openssl.ts'

const skip = await withoutOpenssl()

describe('istiod below a CA of ours', { timeout: 240_000 }, () => {
  let workspace: Workspace
  let cluster: MeshCluster
  let root: Authority
  let mesh: Mesh
  let old: WorkloadIdentity
  before(async () => {
    workspace = await openWorkspace('istiod')
    cluster = await startMeshCluster(workspace, 'cluster')
    root = await createAuthority({ commonName: 'Root' })
    const { kube } = cluster
    await kube.apply(caSecret(PLACE, 'root-ca', root))
    await kube.apply(issuer({ namespace: PLACE, name: ISSUER, spec: { ca: { secretRef: { name: 'root-ca' } } } }))
    await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
    mesh = await startMesh(cluster)
    old = await mesh.workload('old')
  })
  after(() => workspace?.stop())

  async function trustEachOther(one: WorkloadIdentity, other: WorkloadIdentity): Promise<void> {
    assert.deepEqual(await handshake(one, other), { ok: true })
    assert.deepEqual(await handshake(other, one), { ok: true })
  }

  /** Renews below the running istiod; `ca.crt` must keep its bytes. */
  async function renewal(t: TestContext): Promise<WorkloadIdentity> {
    const [before, pid] = [await readCacerts(cluster.kube), mesh.istiod.program.pid]
    const { storedMs, servedMs } = await mesh.renew()
    const now = await readCacerts(cluster.kube)
    assert.notEqual(now.certificate, before.certificate)
    assert.notEqual(now.key, before.key)
    assert.equal(now.roots, before.roots)
    assert.ok(mesh.istiod.program.running(), `istiod is still process ${pid}`)
    t.diagnostic(`renewed after ${storedMs.toFixed(0)} ms, served by istiod after ${servedMs.toFixed(0)} ms`)
    return mesh.workload('new')
  }

  test('it loads the CA and gives its chain and roots to workloads', async () => {
    const { certificate, roots } = await readCacerts(cluster.kube)
    const [leaf = '', ...above] = canonicalBlocks(old.chain.join('\n'))
    assert.equal(old.spiffeId, 'spiffe://cluster.local/ns/default/sa/old')
    assert.equal(old.rootPem, roots)
    assert.deepEqual(above, canonicalBlocks(certificate + roots))
    assert.notEqual(leaf, above[0])
  })

  test('workloads verify as server and as client in a mutual handshake', async () => {
    await trustEachOther(old, await mesh.workload('peer'))
  })

  test('OpenSSL accepts a workload in strict mode, as server and as client', { skip }, async () => {
    const [certificatePem = '', ...above] = canonicalBlocks(old.chain.join('\n'))
    const check = { certificatePem, betweenPem: above.join(''), rootsPem: old.rootPem }
    assert.equal(await opensslVerify(workspace, { ...check, purpose: 'sslserver' }), 'OK')
    assert.equal(await opensslVerify(workspace, { ...check, purpose: 'sslclient' }), 'OK')
  })

  test('a renewed CA is taken up without a restart, and old and new workloads trust each other', async (t) => {
    const renewed = await renewal(t)
    assert.notEqual(renewed.chain[1], old.chain[1])
    await trustEachOther(old, renewed)
  })

  test('so is one below an intermediate of the same root, one level deeper', async (t) => {
    const below = await createAuthority({ commonName: 'Below the root', parent: root, pathLength: 1 })
    await cluster.kube.apply(caSecret(PLACE, 'intermediate-ca', below))
    await cluster.kube.patch(MESH_ISSUER, { spec: { ca: { secretRef: { name: 'intermediate-ca' } } } })
    const deeper = await renewal(t)
    const [, , above] = canonicalBlocks(deeper.chain.join('\n'))
    assert.deepEqual([above], canonicalBlocks(below.certificatePem))
    await trustEachOther(old, deeper)
  })
})
