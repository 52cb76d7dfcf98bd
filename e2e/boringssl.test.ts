import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Certificate } from '../src/pki/certificate.ts'
import { EKU } from '../src/pki/key-usage.ts'
import { trialPath } from '../src/pki/path.ts'
import type { TestCertificate } from '../src/testing/certificate-options.ts'
import { testLeaf } from '../src/testing/certificates.ts'
import { dns, uri } from '../src/testing/names.ts'
import { pathRows } from '../src/testing/path-rows.ts'
import { testPath } from '../src/testing/paths.ts'
import { admitRoots } from '../src/trust/additional-roots.ts'
import { type Envoy, startEnvoy } from './lab/envoy.ts'
import { shakeHands } from './lab/handshake.ts'
import { nodePeer } from './lab/node-peer.ts'
import { createAuthority, issueWorkload } from './lab/pki.ts'
import type { WorkloadIdentity } from './lab/workload.ts'
import { openWorkspace, type Workspace } from './lab/workspace.ts'

const JUDGE = 'spiffe://cluster.local/ns/default/sa/judge'
const WORKLOAD = 'spiffe://cluster.local/ns/default/sa/workload'
const NAMES = [uri(WORKLOAD), dns('istiod.istio-system.svc')]
const HOUR_MS = 3_600_000
const NOW = Math.floor(Date.now() / 1000) * 1000

describe('what we pass, BoringSSL takes: Envoy judges the chains of our writer', { timeout: 120_000 }, () => {
  let workspace: Workspace
  let envoy: Envoy
  let own: WorkloadIdentity
  before(async () => {
    workspace = await openWorkspace('boringssl')
    const authority = await createAuthority({ commonName: 'Root of the judge' })
    const { certificatePem, keyPem } = await issueWorkload(authority, JUDGE)
    own = { spiffeId: JUDGE, keyPem, chain: [certificatePem], rootPem: authority.rootPem }
    envoy = await startEnvoy(workspace, { name: 'judge', identity: own, peers: [WORKLOAD] })
  })
  after(() => workspace?.stop())

  interface Material {
    readonly leaf: TestCertificate
    readonly chain: readonly Certificate[]
    readonly roots: readonly Certificate[]
  }

  /** What Envoy says of the leaf as a server and as a client, when it trusts these roots; 'ok' where it takes it. */
  async function verdicts({ leaf, chain, roots }: Material): Promise<readonly string[]> {
    const rootPem = roots.map(({ pem }) => pem).join('')
    await envoy.take({ ...own, rootPem })
    const workload = nodePeer({
      spiffeId: WORKLOAD,
      keyPem: leaf.privateKeyPem,
      // The roots too, as istiod and its agent present them.
      chain: [leaf.certificatePem, ...chain.map(({ pem }) => pem), rootPem],
      rootPem: own.rootPem,
    })
    const results = [await shakeHands(workload, envoy), await shakeHands(envoy, workload)]
    return results.map((result) => (result.ok ? 'ok' : result.error))
  }

  function leafBelow(int: TestCertificate): TestCertificate {
    return testLeaf(int, { subject: '', names: NAMES, notBefore: NOW - HOUR_MS, notAfter: NOW + HOUR_MS })
  }

  for (const { what, changes, code, takenBy = [] } of pathRows(NOW)) {
    test(what, async () => {
      const { chain, root, int } = testPath(changes, NOW)
      const trial = { description: 'a trial', names: NAMES, extKeyUsage: [EKU.serverAuth, EKU.clientAuth] }
      const said = (await verdicts({ leaf: leafBelow(int), chain, roots: [root] })).join()
      assert.equal(trialPath(trial, chain, root, NOW)?.code, code)
      assert.equal(said === 'ok,ok', code === undefined || takenBy.includes('BoringSSL'), said)
    })
  }

  test('a root that ended breaks its renewal with the same key beside it, so we refuse both to one bundle', async () => {
    const { chain, root, int } = testPath({}, NOW)
    const ended = testPath({ root: { notAfter: NOW - 1000 } }, NOW).root
    assert.equal(ended.publicKey.keyObject.equals(root.publicKey.keyObject), true)
    const material = { leaf: leafBelow(int), chain }
    assert.deepEqual(await verdicts({ ...material, roots: [root] }), ['ok', 'ok'])
    const [asClient, asServer] = await verdicts({ ...material, roots: [ended, root] })
    assert.equal(asClient, 'X509 verify cert: certificate verification error at depth 3: certificate has expired')
    assert.notEqual(asServer, 'ok')
    const declared = { source: 'here', pem: ended.pem, sha256: undefined }
    const admission = admitRoots(root, [declared], NOW)
    assert.equal(admission.ok ? 'admitted' : admission.code, 'RootUnfit')
  })
})
