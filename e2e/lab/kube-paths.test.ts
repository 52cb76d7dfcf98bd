import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectionPath, objectPath, pluralOf } from './kube-paths.ts'

const plurals = [
  ['Secret', 'secrets'],
  ['Ingress', 'ingresses'],
  ['NetworkPolicy', 'networkpolicies'],
  ['Gateway', 'gateways'],
  ['Endpoints', 'endpoints'],
  ['MeshCAClusterIssuer', 'meshcaclusterissuers'],
] as const
for (const [kind, plural] of plurals) {
  test(`the objects of kind ${kind} are ${plural}`, () => assert.equal(pluralOf(kind), plural))
}

test('paths name group, namespace and subresource where there is one', () => {
  assert.equal(collectionPath({ apiVersion: 'v1', kind: 'Namespace' }), '/api/v1/namespaces')
  const certificate = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    namespace: 'istio-system',
    name: 'cacerts',
  }
  assert.equal(
    objectPath(certificate, 'status'),
    '/apis/cert-manager.io/v1/namespaces/istio-system/certificates/cacerts/status',
  )
})
