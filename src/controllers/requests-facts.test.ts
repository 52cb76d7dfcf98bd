import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LastIssuance } from '../api/issuer.ts'
import { recordOfKubernetesCsr } from '../issuance/kubernetes-csr-record.ts'
import { base64, TEST_CSR, TEST_ROOT, testAuthority, testKubernetesCsr, testSpec } from '../testing/builders.ts'
import { TEST_NOW, testCa } from '../testing/certificates.ts'
import { readyIssuer, requestWorld, testOpenRecord } from '../testing/request-world.ts'
import { makeBundle } from '../trust/bundle.ts'
import { trustPair } from '../trust/transition.ts'
import { handleRequest, type RequestsDeps } from './requests.ts'

const KEY = 'istio-system/istio-ca-1'
const never = { signal: new AbortController().signal, over: () => undefined }

/** A world whose surroundings are changed in part. */
function worldWith(change: (deps: RequestsDeps) => Partial<RequestsDeps>) {
  const world = requestWorld()
  return { world, deps: { ...world.deps, ...change(world.deps) } }
}

test('labels are those of the request’s namespace', async () => {
  const asked: string[] = []
  const { world, deps } = worldWith(() => ({
    namespaceLabels: (namespace) => {
      asked.push(namespace)
      return { mesh: 'on' }
    },
  }))
  const ready = readyIssuer(world.sign)
  const spec = testSpec({ allowedNamespaces: { selector: { matchLabels: { mesh: 'on' } } } })
  world.issuer = async () => ({ ...ready, facts: { ...ready.facts, clusterScoped: true, spec } })
  await handleRequest(deps, KEY, never)
  assert.deepEqual(asked, ['istio-system'])
  assert.equal(world.verdicts[0]?.reason, 'Issued')
})

test('a request of no namespace has no labels to ask for', async () => {
  const { world, deps } = worldWith(() => ({ namespaceLabels: () => assert.fail() }))
  const record = recordOfKubernetesCsr(testKubernetesCsr({ spec: { username: 'jane' } }))
  world.record = record
  world.issuer = async () => undefined
  await handleRequest(deps, 'node-1', never)
  assert.equal(
    world.verdicts[0]?.message,
    'MeshCAClusterIssuer mesh does not exist; create it, or correct spec.signerName',
  )
})

test('an issuer in a namespace is named with it', async () => {
  const world = requestWorld()
  world.issuer = async () => undefined
  await handleRequest(world.deps, KEY, never)
  assert.equal(
    world.verdicts[0]?.message,
    'MeshCAIssuer istio-system/mesh does not exist; create it, or correct the issuerRef',
  )
})

test('what the Certificate carries, and the others of its issuer and of the one before, is asked for', async () => {
  const asked: string[] = []
  const { world, deps } = worldWith(() => ({
    carriedByCertificate: (certificate) => {
      asked.push(certificate)
      const issuer = 'MeshCAIssuer/istio-system/old'
      return { certificate: 'istio-system/istio-ca', issuer, pair: trustPair('A', ['A']), since: 0 }
    },
    carriedByIssuer: (issuer) => {
      asked.push(issuer)
      return []
    },
  }))
  await handleRequest(deps, KEY, never)
  assert.deepEqual(asked, ['istio-system/istio-ca', 'MeshCAIssuer/istio-system/mesh', 'MeshCAIssuer/istio-system/old'])
  assert.match(world.verdicts[0]?.message ?? '', /^going from signer under A /)
})

test('a Certificate that comes from another issuer takes no step that those it leaves there would not trust', async () => {
  const [own, root] = [TEST_ROOT.certificate.fingerprint, 'b'.repeat(64)]
  const { world, deps } = worldWith(() => ({
    carriedByCertificate: () => ({
      ...{ certificate: 'istio-system/istio-ca', issuer: 'MeshCAIssuer/istio-system/old', since: 0 },
      pair: trustPair(root, [root, own]),
    }),
    carriedByIssuer: (issuer) =>
      issuer.endsWith('/old') ? [{ certificate: 'team/late', pair: trustPair(root, [root]), since: 0 }] : [],
  }))
  const additional = testAuthority(testCa({ subject: 'CN=Other' })).root
  const ready = readyIssuer(world.sign)
  assert.ok(ready.facts.readiness.ready)
  const { authority } = ready.facts.readiness
  const roots = [authority.root, { ...additional, fingerprint: root }]
  world.issuer = async () => ({
    ...ready,
    facts: { ...ready.facts, readiness: { ready: true, authority, bundle: makeBundle(roots) } },
  })
  await handleRequest(deps, KEY, never)
  assert.match(world.verdicts[0]?.message ?? '', /^renew team\/late first/)
})

test('a request without a Certificate carries nothing', async () => {
  const { world, deps } = worldWith(() => ({ carriedByCertificate: () => assert.fail() }))
  world.record = testOpenRecord({ metadata: { ownerReferences: [] } })
  await handleRequest(deps, KEY, never)
  assert.equal(world.verdicts[0]?.issued?.trust?.step, 'first')
})

async function issuanceOf(key: string, kubernetes: boolean): Promise<LastIssuance | undefined> {
  const noted: LastIssuance[] = []
  const { world, deps } = worldWith(() => ({ issued: (_issuer, issuance) => void noted.push(issuance) }))
  if (kubernetes) {
    const usages = ['cert sign', 'digital signature']
    const annotations = { 'experimental.cert-manager.io/request-is-ca': 'true' }
    const spec = { request: base64(TEST_CSR.csrPem), usages, expirationSeconds: 3600 }
    world.record = recordOfKubernetesCsr(testKubernetesCsr({ metadata: { annotations }, spec }))
    const ready = readyIssuer(world.sign)
    world.issuer = async () => ({ ...ready, facts: { ...ready.facts, spec: testSpec({ profile: 'Any' }) } })
  }
  await handleRequest(deps, key, never)
  return noted[0]
}

test('an issuance is noted with its request, its serial number and its end', async () => {
  const issuance = await issuanceOf(KEY, false)
  assert.deepEqual(issuance, {
    time: '2026-11-23T12:00:05Z',
    kind: 'CertificateRequest',
    namespace: 'istio-system',
    name: 'istio-ca-1',
    serialNumber: issuance?.serialNumber,
    notAfter: '2026-12-23T11:59:00Z',
  })
  assert.match(issuance?.serialNumber ?? '', /^[0-9a-f]{32}$/)
})

test('an issuance for a Kubernetes CSR has no namespace', async () => {
  const issuance = await issuanceOf('node-1', true)
  assert.deepEqual(issuance, {
    time: '2026-11-23T12:00:05Z',
    kind: 'CertificateSigningRequest',
    name: 'node-1',
    serialNumber: issuance?.serialNumber,
    notAfter: '2026-11-23T12:59:00Z',
  })
})

test('the base is kept for what was sent only', async () => {
  const world = requestWorld()
  world.issuer = async () => undefined
  await handleRequest(world.deps, KEY, never)
  assert.equal(world.attempts.base('uid-istio-ca-1'), undefined)
  world.issuer = async () => readyIssuer(world.sign)
  await handleRequest(world.deps, KEY, never)
  assert.equal(world.attempts.base('uid-istio-ca-1'), TEST_NOW)
})
