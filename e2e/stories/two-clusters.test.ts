import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { handshake } from '../lab/handshake.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import type { WorkloadIdentity } from '../lab/workload.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalRoots } from './mesh-certificates.ts'
import { CACERTS, ISSUER, PLACE, readCacerts, startMeshCluster } from './mesh-cluster.ts'
import { type Mesh, startMesh } from './mesh-istiod.ts'

describe('two clusters under one root', { timeout: 240_000 }, () => {
  let workspace: Workspace
  let root: Authority
  let east: Mesh
  let west: Mesh
  before(async () => {
    workspace = await openWorkspace('two-clusters')
    root = await createAuthority({ commonName: 'Root' })
    // East signs with the root itself, west with an intermediate of its own below it.
    const below = await createAuthority({ commonName: 'West below the root', parent: root, pathLength: 1 })
    ;[east, west] = await Promise.all([startCluster('east', root), startCluster('west', below)])
  })
  after(() => workspace?.stop())

  async function startCluster(name: string, authority: Authority): Promise<Mesh> {
    const cluster = await startMeshCluster(workspace, name)
    const { kube } = cluster
    await kube.apply(caSecret(PLACE, 'signer', authority))
    await kube.apply(issuer({ namespace: PLACE, name: ISSUER, spec: { ca: { secretRef: { name: 'signer' } } } }))
    await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
    return startMesh(cluster)
  }

  async function trustEachOther(one: WorkloadIdentity, other: WorkloadIdentity): Promise<void> {
    assert.deepEqual(await handshake(one, other), { ok: true })
    assert.deepEqual(await handshake(other, one), { ok: true })
  }

  test('both publish the same bytes in ca.crt', async () => {
    const published = canonicalRoots(root.certificatePem)
    assert.equal((await readCacerts(east.cluster.kube)).roots, published)
    assert.equal((await readCacerts(west.cluster.kube)).roots, published)
  })

  test('workloads of one shake hands with those of the other, both ways, also after a renewal', async (t) => {
    const [inEast, inWest] = [await east.workload('east'), await west.workload('west')]
    assert.notEqual(inEast.chain[1], inWest.chain[1])
    await trustEachOther(inEast, inWest)
    const { servedMs } = await west.renew()
    t.diagnostic(`renewed and served by istiod after ${servedMs.toFixed(0)} ms`)
    const renewed = await west.workload('west')
    assert.notEqual(renewed.chain[1], inWest.chain[1])
    await trustEachOther(inEast, renewed)
    await trustEachOther(inWest, renewed)
  })
})
