import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import { testClient } from '../testing/api-client.ts'
import { base64 } from '../testing/builders.ts'
import { cacertsData, DOCTOR_CA, DOCTOR_ROOT } from '../testing/doctor-facts.ts'
import { gather } from './gather.ts'

const CERT_MANAGER = '/apis/cert-manager.io/v1'
const PLACE = '/api/v1/namespaces/istio-system'
const CACERTS = `${PLACE}/secrets/cacerts`
const SELF_SIGNED = `${PLACE}/secrets/istio-ca-secret`
const PUBLISHED = `${PLACE}/configmaps/istio-ca-root-cert`
const ISSUERS = '/apis/meshca.dev/v1alpha1/meshcaissuers'
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

const data = Object.fromEntries(
  Object.entries(cacertsData(DOCTOR_CA, DOCTOR_ROOT)).map(([key, value]) => [key, base64(value)]),
)
const GOOD: Readonly<Record<string, unknown>> = {
  [CERT_MANAGER]: {},
  [CACERTS]: { kind: 'Secret', type: 'kubernetes.io/tls', data },
  [PUBLISHED]: { data: { 'root-cert.pem': DOCTOR_ROOT.certificatePem } },
  [ISSUERS]: { items: [] },
  [REVIEWS]: { status: { allowed: true } },
}

/** Gathers from a cluster that has these objects and errors by path, and nothing else. */
async function gathered(change: Readonly<Record<string, unknown>> = {}) {
  const answers = { ...GOOD, ...change }
  const { client, calls } = testClient(({ path }: Call) => {
    const answer = answers[path] ?? new ApiError(404, 'NotFound', 'not found')
    if (answer instanceof Error) throw answer
    return answer
  })
  const approver = { namespace: 'cert-manager', name: 'cert-manager' }
  const facts = await gather({ name: 'east', client }, { namespace: 'istio-system', approver, istiod: undefined })
  return { facts, calls }
}

test('reads by name in one namespace, and writes nothing', async () => {
  const { calls } = await gathered()
  const writing = calls.filter(({ method, path }) => method !== 'GET' && path !== REVIEWS)
  assert.deepEqual(writing, [])
  const secrets = calls.map(({ path }) => path).filter((path) => /secret|configmap/.test(path))
  assert.deepEqual(secrets, [CACERTS, PUBLISHED])
})

test('asks for the approval of whole kinds as cert-manager would', async () => {
  const { calls } = await gathered()
  const asked = calls.filter(({ path }) => path === REVIEWS).map(({ body }) => body)
  assert.deepEqual(asked[0], {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'system:serviceaccount:cert-manager:cert-manager',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:cert-manager', 'system:authenticated'],
      resourceAttributes: {
        group: 'cert-manager.io',
        resource: 'signers',
        verb: 'approve',
        name: 'meshcaissuers.meshca.dev/*',
      },
    },
  })
  assert.equal(asked.length, 2)
})

test("reads istiod's own root only where the Secret cacerts does not explain what it gives out", async () => {
  const reads = async (change: Readonly<Record<string, unknown>>): Promise<boolean> =>
    (await gathered(change)).calls.some(({ path }) => path === SELF_SIGNED)
  assert.equal(await reads({}), false)
  assert.equal(await reads({ [CACERTS]: new ApiError(404, 'NotFound', 'not found') }), true)
  assert.equal(await reads({ [PUBLISHED]: { data: { 'root-cert.pem': 'another' } } }), true)
  assert.equal(await reads({ [CACERTS]: new ApiError(403, 'Forbidden', 'no') }), false)
})

test('a cluster that does not answer is asked once', async () => {
  const { facts, calls } = await gathered({ [CERT_MANAGER]: new ApiError(0, 'Unreachable', 'it is away') })
  assert.deepEqual(facts.certManager, { state: 'failed', message: 'it is away' })
  assert.equal(calls.length, 1)
})

test("where not all issuers may be listed, those of istiod's namespace are", async () => {
  const own = '/apis/meshca.dev/v1alpha1/namespaces/istio-system/meshcaissuers'
  const { facts } = await gathered({ [ISSUERS]: new ApiError(403, 'Forbidden', 'no'), [own]: { items: [] } })
  assert.deepEqual(facts.issuers.MeshCAIssuer, { state: 'read', value: [] })
  assert.equal(facts.narrowed, 'list meshcaissuers.meshca.dev in all namespaces')
})
