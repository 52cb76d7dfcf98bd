import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readIssuer } from './issuer.ts'

const METADATA = {
  name: 'ca',
  uid: 'u1',
  resourceVersion: '3',
  generation: 2,
  creationTimestamp: '2026-02-03T04:05:06Z',
}
const META = { ...METADATA, annotations: {}, labels: {}, ownerReferences: [] }
const SPEC = {
  ca: { secretRef: { name: 'ca' } },
  profile: 'MeshCA',
  mesh: { trustDomain: 'cluster.local', namespace: 'istio-system' },
  pathLength: 0,
  duration: { default: '2160h' },
  allowedKeys: ['RSA'],
  trust: { minimumDwell: '25h' },
}
const NAMESPACED = {
  apiVersion: 'meshca.dev/v1alpha1',
  kind: 'MeshCAIssuer',
  metadata: { ...METADATA, namespace: 'a' },
  spec: SPEC,
}
const CLUSTER = { ...NAMESPACED, kind: 'MeshCAClusterIssuer', metadata: METADATA }

describe('an issuer', () => {
  test('of a namespace is read', () => {
    assert.deepEqual(readIssuer(NAMESPACED), { ...NAMESPACED, metadata: { ...META, namespace: 'a' }, status: {} })
  })

  test('of the cluster is read, with its status', () => {
    const status = { backend: 'CA' }
    assert.deepEqual(readIssuer({ ...CLUSTER, status }), { ...CLUSTER, metadata: META, status })
  })

  for (const [name, object] of [
    ['nothing', undefined],
    ['another group', { ...NAMESPACED, apiVersion: 'cert-manager.io/v1' }],
    ['another version', { ...NAMESPACED, apiVersion: 'meshca.dev/v1' }],
    ['another kind', { ...NAMESPACED, kind: 'Issuer' }],
    ['no kind', { ...NAMESPACED, kind: undefined }],
    ['no namespace where one belongs', { ...NAMESPACED, metadata: METADATA }],
    ['no generation', { ...CLUSTER, metadata: { ...METADATA, generation: undefined } }],
    ['no spec', { ...CLUSTER, spec: undefined }],
    ['a spec without its defaults', { ...CLUSTER, spec: { ca: SPEC.ca } }],
    ['a status that is none', { ...CLUSTER, status: 'Ready' }],
  ] as const) {
    test(`is not read from ${name}`, () => assert.equal(readIssuer(object), undefined))
  }
})

test('the schema is imported for its types only, so that zod is needed at build time only', () => {
  const src = join(import.meta.dirname, '..')
  const files = globSync('**/*.ts', { cwd: src }).filter((file) => !/^(api\/schema|testing)\/|\.test\.ts$/.test(file))
  const offences = files.filter((file) =>
    /^import (?!type ).*from '(zod|[^']*\/schema\/[^']*)'/m.test(readFileSync(join(src, file), 'utf8')),
  )
  assert.deepEqual(offences, [])
})
