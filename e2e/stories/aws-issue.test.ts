import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { parseCertificate } from '../../src/pki/certificate.ts'
import { testCa, testLeaf } from '../../src/testing/certificates.ts'
import { meshCertificate } from '../harness/objects.ts'
import { type Aws, caArn, installed, startAws } from '../lab/acm-pca.ts'
import { handshake } from '../lab/handshake.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { certificateReady, requestReference } from '../lab/requests.ts'
import type { WorkloadIdentity } from '../lab/workload.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalBlocks, canonicalRoots, describeCertificate, nameConstraintsOf } from './mesh-certificates.ts'
import {
  CACERTS,
  type Cacerts,
  ISSUER,
  MESH_ISSUER,
  type MeshCluster,
  PLACE,
  readCacerts,
  reference,
} from './mesh-cluster.ts'
import { type Mesh, startMesh } from './mesh-istiod.ts'
import { opensslVerify, withoutOpenssl } from './mesh-openssl.ts'
import { type AwsIssuer, awsIssuer } from './support-aws.ts'
import { startAwsCluster } from './support-aws-cluster.ts'
import { issuerReference, issuerShows } from './support-issuers.ts'
import { outcomeOf, pending, waiting } from './support-requests.ts'

const HOUR_MS = 3_600_000
const skip = await withoutOpenssl()
const [ROOT, FLEET, SPENT, RSA] = [caArn(1), caArn(2), caArn(3), caArn(4)]

describe('AWS Private CA signs the CA of istiod', { timeout: 240_000 }, () => {
  let workspace: Workspace
  let cluster: MeshCluster
  let aws: Aws
  let root: Authority
  let fleet: Authority
  let mesh: Mesh
  let old: WorkloadIdentity
  before(async () => {
    workspace = await openWorkspace('aws-issue')
    root = await createAuthority({ commonName: 'Root' })
    fleet = await createAuthority({ commonName: 'Fleet', parent: root, pathLength: 1 })
    const spent = await createAuthority({ commonName: 'Spent', parent: root, pathLength: 0 })
    const now = Math.floor(Date.now() / 1000) * 1000
    const lifetime = { notBefore: now - HOUR_MS, notAfter: now + 3650 * 24 * HOUR_MS }
    const { certificatePem, privateKeyPem } = testCa({ subject: 'CN=RSA Root', key: 'RSA', ...lifetime })
    const authorities = [
      installed(ROOT, root),
      installed(FLEET, fleet),
      installed(SPENT, spent),
      { arn: RSA, certificatePem, privateKeyPem },
    ]
    // The PEM of AWS need not end with a newline.
    ;[cluster, aws] = await Promise.all([
      startAwsCluster(workspace, 'cluster'),
      startAws(workspace, { authorities, finalNewline: false }),
    ])
  })
  after(() => workspace?.stop())

  async function applyIssuer(named: Omit<AwsIssuer, 'namespace'>): Promise<void> {
    await cluster.kube.apply(awsIssuer(aws, { namespace: PLACE, ...named }))
  }

  async function issue(name: string, issuerName: string, more: object = {}): Promise<Cacerts> {
    const { kube } = cluster
    await kube.apply(meshCertificate({ namespace: PLACE, name, issuerName, ...more }))
    await certificateReady(kube, reference('cert-manager.io/v1', 'Certificate', name))
    return readCacerts(kube, name)
  }

  test('below the CA of the fleet: istiod loads it, workloads trust each other, a renewal is taken up', async (t) => {
    await applyIssuer({ name: ISSUER, arn: FLEET })
    const { certificate, roots } = await issue(CACERTS, ISSUER)
    const [leaf = '', ...above] = canonicalBlocks(certificate)
    assert.deepEqual(above, canonicalBlocks(fleet.certificatePem))
    assert.equal(certificate, [leaf, ...above].join(''))
    assert.equal(roots, canonicalRoots(root.certificatePem))
    const { keyIdentifier, ...described } = describeCertificate(leaf)
    assert.match(keyIdentifier ?? '', /^[0-9a-f]{40}$/)
    assert.deepEqual(described, {
      subject: 'O=mesh, CN=cacerts.istio-system',
      issuer: 'CN=Fleet',
      pathLength: 0,
      isCA: true,
      keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
      extendedKeyUsage: false,
      signerKeyIdentifier: describeCertificate(fleet.certificatePem).keyIdentifier,
      lifetimeMs: 2160 * HOUR_MS,
    })
    mesh = await startMesh(cluster)
    old = await mesh.workload('old')
    const peer = await mesh.workload('peer')
    assert.deepEqual([await handshake(old, peer), await handshake(peer, old)], [{ ok: true }, { ok: true }])
    const { servedMs } = await mesh.renew()
    t.diagnostic(`renewed and served by istiod after ${servedMs.toFixed(0)} ms`)
    const renewed = await mesh.workload('new')
    assert.notEqual(renewed.chain[1], old.chain[1])
    assert.deepEqual([await handshake(old, renewed), await handshake(renewed, old)], [{ ok: true }, { ok: true }])
    assert.equal((await readCacerts(cluster.kube)).roots, roots)
    assert.equal(aws.journal.minted.length, 2)
  })

  test('below the root itself, with each path length that AWS has a template for', async () => {
    await applyIssuer({ name: 'root', arn: ROOT, spec: { maxPathLength: 3 } })
    const wishes = [0, 1, 2, 3]
    const issued = await Promise.all(
      wishes.map(async (wish) => {
        const annotations = { 'meshca.dev/path-length': String(wish) }
        const { certificate, roots } = await issue(`wish-${wish}`, 'root', { annotations })
        assert.equal(canonicalBlocks(certificate).length, 1)
        assert.equal(roots, canonicalRoots(root.certificatePem))
        return describeCertificate(certificate).pathLength
      }),
    )
    assert.deepEqual(issued, wishes)
    const templates = aws.journal.mintedFor({ authority: ROOT }).map(({ template }) => template)
    const named = wishes.map((wish) => `SubordinateCACertificate_PathLen${wish}/V1`)
    assert.deepEqual(templates.toSorted(), named)
  })

  test('moved to the root itself, istiod loads its CA, and old and new workloads trust each other', async () => {
    const { roots } = await readCacerts(cluster.kube)
    await cluster.kube.patch(MESH_ISSUER, { spec: { awsPrivateCA: { arn: ROOT } } })
    await mesh.renew()
    const now = await readCacerts(cluster.kube)
    assert.deepEqual([canonicalBlocks(now.certificate).length, now.roots], [1, roots])
    const direct = await mesh.workload('direct')
    assert.equal(canonicalBlocks(direct.chain.join('\n'))[1], now.certificate)
    assert.deepEqual([await handshake(old, direct), await handshake(direct, old)], [{ ok: true }, { ok: true }])
  })

  test('below a CA with an RSA key, by an algorithm that goes with it', async () => {
    await applyIssuer({ name: 'rsa', arn: RSA })
    const { certificate } = await issue('rsa', 'rsa')
    const { issuer, signatureAlgorithm } = new X509Certificate(certificate)
    assert.deepEqual([issuer, signatureAlgorithm], ['CN=RSA Root', 'sha256WithRSAEncryption'])
  })

  test('a CA without room for one more is refused in words, and never asked to sign', async () => {
    await applyIssuer({ name: 'spent', arn: SPENT })
    const { status } = await issuerShows(cluster.kube, issuerReference(PLACE, 'spent'), 'Ready', 'False')
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(
      `${ready?.reason}: ${ready?.message}`,
      'PathLengthSpent: CN=Spent allows a path length of 0, too little to issue CAs of path length 0 below it; use a CA with a greater one',
    )
    await cluster.kube.apply(meshCertificate({ namespace: PLACE, name: 'spent', issuerName: 'spent' }))
    const held = await waiting(cluster.kube, requestReference(PLACE, 'spent-1'), /./)
    assert.deepEqual(outcomeOf(held), pending(`MeshCAIssuer ${PLACE}/spent is not ready: ${ready?.message}`))
    const asked = aws.calls('IssueCertificate').filter(({ authority }) => authority === SPENT)
    assert.deepEqual(asked, [])
  })

  describe('name constraints', () => {
    let constrained: Cacerts
    before(async () => {
      const permitted = { dnsDomains: ['svc'], uriDomains: ['cluster.local'] }
      const spec = { nameConstraints: { critical: true, permitted, excluded: { dnsDomains: ['closed.svc'] } } }
      await applyIssuer({ name: 'constrained', arn: FLEET, spec })
      constrained = await issue('constrained', 'constrained')
    })

    test('of the issuer stand in the CA, through the template that carries them', () => {
      const [leaf = ''] = canonicalBlocks(constrained.certificate)
      assert.deepEqual(nameConstraintsOf(leaf), { hex: CONSTRAINTS, critical: true })
      const template = aws.journal.minted.at(-1)?.template
      assert.equal(template, 'SubordinateCACertificate_PathLen0_APIPassthrough/V1')
    })

    test('hold for OpenSSL: a name inside is accepted below it, one outside and one excluded are not', {
      skip,
    }, async () => {
      const between = canonicalBlocks(constrained.certificate)
      const issuer = {
        certificate: parseCertificate(derOf(between[0] ?? '')),
        privateKey: createPrivateKey(constrained.key),
      }
      const verdict = async (dnsName: string): Promise<string> => {
        const now = Math.floor(Date.now() / 1000) * 1000
        const { certificatePem } = testLeaf(
          { certificatePem: between[0] ?? '', privateKeyPem: constrained.key, ...issuer },
          { names: [{ type: 'dns', value: dnsName }], notBefore: now - 30_000, notAfter: now + HOUR_MS },
        )
        return opensslVerify(workspace, { certificatePem, betweenPem: between.join(''), rootsPem: constrained.roots })
      }
      assert.equal(await verdict('istiod.istio-system.svc'), 'OK')
      assert.match(await verdict('istiod.example.org'), /permitted subtree violation/)
      assert.match(await verdict('a.closed.svc'), /excluded subtree violation/)
    })
  })
})

/** DER of the extension (RFC 5280 4.2.1.10) in hexadecimal: dns svc and uri cluster.local, but not dns closed.svc. */
const CONSTRAINTS = [
  ...['30', '2a', 'a0', '18', '30', '05', '82', '03', hex('svc'), '30', '0f', '86', '0d', hex('cluster.local')],
  ...['a1', '0e', '30', '0c', '82', '0a', hex('closed.svc')],
].join('')

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
}
