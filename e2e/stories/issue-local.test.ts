import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import { type CertificateRequest, conditionOf } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { certificateReady, requestReference } from '../lab/requests.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { canonicalBlocks, canonicalRoots, describeCertificate, nameConstraintsOf } from './mesh-certificates.ts'
import { type Cacerts, type MeshCluster, PLACE, readCacerts, reference, startMeshCluster } from './mesh-cluster.ts'
import { opensslVerify, withoutOpenssl } from './mesh-openssl.ts'

const HOUR_MS = 3_600_000
const skip = await withoutOpenssl()

/** The parts of a Certificate that a test sets over the defaults of a mesh CA. */
interface Asked {
  readonly name: string
  readonly issuerName: string
  readonly spec?: Readonly<Record<string, unknown>>
  readonly annotations?: Readonly<Record<string, string>>
}

describe('a CA in a Secret signs the CA of istiod', { timeout: 240_000 }, () => {
  let workspace: Workspace
  let cluster: MeshCluster
  let root: Authority
  let below: Authority
  before(async () => {
    workspace = await openWorkspace('issue-local')
    cluster = await startMeshCluster(workspace, 'cluster')
    root = await createAuthority({ commonName: 'Root' })
    below = await createAuthority({ commonName: 'Below the root', parent: root, pathLength: 1 })
    await cluster.kube.apply(caSecret(PLACE, 'root-ca', root))
    await cluster.kube.apply(caSecret(PLACE, 'intermediate-ca', below))
  })
  after(() => workspace?.stop())

  async function applyIssuer(name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
    const ca = { secretRef: { name: 'root-ca' } }
    await cluster.kube.apply(issuer({ namespace: PLACE, name, spec: { ca, ...spec } }))
  }

  async function issue(asked: Asked): Promise<Cacerts> {
    const { kube } = cluster
    await kube.apply(meshCertificate({ namespace: PLACE, ...asked }))
    await certificateReady(kube, reference('cert-manager.io/v1', 'Certificate', asked.name))
    return readCacerts(kube, asked.name)
  }

  test('the Secret holds the intermediate, its key and the root, byte for byte', async () => {
    await applyIssuer('mesh', {})
    const { certificate, key, roots } = await issue({ name: 'cacerts', issuerName: 'mesh' })
    const rootDescribed = describeCertificate(root.certificatePem)
    assert.deepEqual(canonicalBlocks(certificate), [certificate], 'tls.crt is one canonical block')
    assert.equal(roots, canonicalRoots(root.certificatePem))
    assert.ok(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
    const { keyIdentifier, ...described } = describeCertificate(certificate)
    assert.match(keyIdentifier ?? '', /^[0-9a-f]{40}$/)
    assert.deepEqual(described, {
      subject: 'O=mesh, CN=cacerts.istio-system',
      issuer: 'CN=Root',
      pathLength: 0,
      isCA: true,
      keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
      extendedKeyUsage: false,
      signerKeyIdentifier: rootDescribed.keyIdentifier,
      lifetimeMs: 2160 * HOUR_MS,
    })
    const { status } = await cluster.kube.get<CertificateRequest>(requestReference(PLACE, 'cacerts-1'))
    assert.equal(Buffer.from(status?.certificate ?? '', 'base64').toString(), certificate)
    assert.equal(Buffer.from(status?.ca ?? '', 'base64').toString(), roots)
  })

  test('OpenSSL accepts it in strict mode', { skip }, async () => {
    const { certificate, roots } = await readCacerts(cluster.kube)
    assert.equal(await opensslVerify(workspace, { certificatePem: certificate, rootsPem: roots }), 'OK')
  })

  test('a CA that is itself an intermediate stands in tls.crt, and only its root in ca.crt', async () => {
    await applyIssuer('below', { ca: { secretRef: { name: 'intermediate-ca' } } })
    const { certificate, roots } = await issue({ name: 'two-level', issuerName: 'below' })
    const [leaf = '', ...above] = canonicalBlocks(certificate)
    assert.deepEqual(above, canonicalBlocks(below.certificatePem))
    assert.equal(certificate, [leaf, ...above].join(''))
    assert.equal(roots, canonicalRoots(root.certificatePem))
    assert.equal(describeCertificate(leaf).issuer, 'CN=Below the root')
    assert.equal(describeCertificate(leaf).pathLength, 0)
    const check = { certificatePem: leaf, betweenPem: above.join(''), rootsPem: roots }
    if (skip === false) assert.equal(await opensslVerify(workspace, check), 'OK')
  })

  const pathLengths = [
    { name: 'no-wish', annotations: {}, pathLength: 0 },
    { name: 'wish-0', annotations: { 'meshca.dev/path-length': '0' }, pathLength: 0 },
    { name: 'wish-1', annotations: { 'meshca.dev/path-length': '1' }, pathLength: 1 },
  ]
  test('the annotation chooses a path length up to the maximum of the issuer', async () => {
    await applyIssuer('deep', { maxPathLength: 1 })
    const issued = await Promise.all(
      pathLengths.map(async ({ name, annotations }) => {
        const { certificate } = await issue({ name, issuerName: 'deep', annotations })
        return { name, annotations, pathLength: describeCertificate(certificate).pathLength }
      }),
    )
    assert.deepEqual(issued, pathLengths)
  })

  describe('name constraints', () => {
    const permitted = { dnsDomains: ['svc'], uriDomains: ['cluster.local'] }
    const excluded = { dnsDomains: ['closed.svc'] }
    before(() => applyIssuer('constrained', { nameConstraints: { critical: true, permitted, excluded } }))

    test('of the issuer stand in a CA that asks for none', async () => {
      const { certificate } = await issue({ name: 'plain', issuerName: 'constrained' })
      const expected = constraints([dns('svc'), uri('cluster.local')], [dns('closed.svc')])
      assert.deepEqual(nameConstraintsOf(certificate), { hex: expected, critical: true })
    })

    test('that the Certificate asks for narrow them, and the exclusions of both count', async () => {
      const narrower = { permitted: { dnsDomains: ['istio-system.svc'] }, excluded: { dnsDomains: ['a.svc'] } }
      const spec = { nameConstraints: { critical: true, ...narrower } }
      const { certificate } = await issue({ name: 'narrower', issuerName: 'constrained', spec })
      const allowed = [dns('istio-system.svc'), uri('cluster.local')]
      const expected = constraints(allowed, [dns('a.svc'), dns('closed.svc')])
      assert.deepEqual(nameConstraintsOf(certificate), { hex: expected, critical: true })
    })

    test('that permit more than the issuer does are refused in words', async () => {
      const spec = { nameConstraints: { critical: true, permitted: { dnsDomains: ['example.org'] } } }
      const { kube } = cluster
      await kube.apply(meshCertificate({ namespace: PLACE, name: 'wider', issuerName: 'constrained', spec }))
      const failed = await kube.waitFor(
        requestReference(PLACE, 'wider-1'),
        (request) => conditionOf(request, 'Ready')?.reason === 'Failed',
      )
      assert.equal(
        conditionOf(failed, 'Ready')?.message,
        'the request permits more names than the issuer does: DNS name subtree "example.org" is not inside "svc"',
      )
    })
  })
})

/** DER of the extension (RFC 5280 4.2.1.10) in hexadecimal, written out here for comparison. */
function constraints(permitted: readonly Buffer[], excluded: readonly Buffer[]): string {
  return der(0x30, der(0xa0, ...permitted), der(0xa1, ...excluded)).toString('hex')
}

function dns(name: string): Buffer {
  return der(0x30, der(0x82, Buffer.from(name)))
}

function uri(host: string): Buffer {
  return der(0x30, der(0x86, Buffer.from(host)))
}

/** Tag, length in the short form, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}
