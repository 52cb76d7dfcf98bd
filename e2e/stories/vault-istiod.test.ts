import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { issuer, meshCertificate } from '../harness/objects.ts'
import { handshake } from '../lab/handshake.ts'
import { type OpenBao, startOpenBao } from '../lab/openbao.ts'
import type { WorkloadIdentity } from '../lab/workload.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalBlocks, canonicalRoots } from './mesh-certificates.ts'
import { CACERTS, ISSUER, MESH_ISSUER, type MeshCluster, PLACE, readCacerts, startMeshCluster } from './mesh-cluster.ts'
import { type Mesh, startMesh } from './mesh-istiod.ts'
import { opensslVerify, withoutOpenssl } from './mesh-openssl.ts'
import { type MountedCa, mountIntermediate, mountRoot, rightsOn, vaultSpec, writePolicy } from './support-vault.ts'
import { LOGINS } from './support-vault-login.ts'

const skip = await withoutOpenssl()

describe('istiod below a CA in Vault', { timeout: 120_000 }, () => {
  let workspace: Workspace
  let cluster: MeshCluster
  let bao: OpenBao
  let root: MountedCa
  let below: MountedCa
  let mesh: Mesh
  let old: WorkloadIdentity
  before(async () => {
    workspace = await openWorkspace('vault-istiod')
    ;[cluster, bao] = await Promise.all([startMeshCluster(workspace, 'cluster'), startOpenBao(workspace)])
    const { kube, controlPlane } = cluster
    root = await mountRoot(bao, { mount: 'pki-root', name: 'root' })
    below = await mountIntermediate(bao, { mount: 'pki-mesh', name: 'mesh', maxPathLength: 1 }, root)
    const rights = { ...rightsOn(root), ...rightsOn(below, below.issuer) }
    const policies = [await writePolicy(bao, 'mesh-ca', rights)]
    const { auth } = await LOGINS.kubernetes({ bao, controlPlane, namespace: PLACE, name: ISSUER, policies })
    await kube.apply(issuer({ namespace: PLACE, name: ISSUER, spec: vaultSpec(bao, { mount: root.mount, auth }) }))
    await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
    mesh = await startMesh(cluster)
    old = await mesh.workload('old')
  })
  after(() => workspace?.stop())

  async function trustEachOther(one: WorkloadIdentity, other: WorkloadIdentity): Promise<void> {
    assert.deepEqual(await handshake(one, other), { ok: true })
    assert.deepEqual(await handshake(other, one), { ok: true })
  }

  async function strictly(identity: WorkloadIdentity): Promise<void> {
    if (skip !== false) return
    const [certificatePem = '', ...above] = canonicalBlocks(identity.chain.join('\n'))
    const check = { certificatePem, betweenPem: above.join(''), rootsPem: identity.rootPem }
    assert.equal(await opensslVerify(workspace, { ...check, purpose: 'sslserver' }), 'OK')
    assert.equal(await opensslVerify(workspace, { ...check, purpose: 'sslclient' }), 'OK')
  }

  test('a root in the mount signs it, and workloads trust each other', async () => {
    const { certificate, roots } = await readCacerts(cluster.kube)
    assert.equal(roots, canonicalRoots(root.rootPem))
    assert.deepEqual(canonicalBlocks(certificate), [certificate])
    await trustEachOther(old, await mesh.workload('peer'))
    await strictly(old)
  })

  test('moved to an intermediate of another mount below that root, it serves old and new workloads', async () => {
    const { kube } = cluster
    const { roots } = await readCacerts(kube)
    await kube.patch(MESH_ISSUER, { spec: { vault: { mount: below.mount, issuerRef: below.issuer } } })
    await mesh.renew()
    const now = await readCacerts(kube)
    assert.deepEqual(canonicalBlocks(now.certificate).slice(1), canonicalBlocks(below.certificatePem))
    assert.equal(now.roots, roots)
    const deeper = await mesh.workload('deeper')
    await trustEachOther(old, deeper)
    await strictly(deeper)
  })
})
