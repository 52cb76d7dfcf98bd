import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Issuer } from '../api/issuer.ts'
import { Issuers } from './issuers.ts'

/** A MeshCAIssuer of which only the path length and the generation count here. */
function issuerOf(generation: number): Issuer {
  const metadata = {
    name: 'mesh',
    namespace: 'team',
    uid: 'uid',
    resourceVersion: String(generation),
    generation,
    creationTimestamp: '2026-11-01T00:00:00Z',
    annotations: {},
    labels: {},
    ownerReferences: [],
  }
  const spec = {
    ca: { secretRef: { name: `ca-${generation}` } },
    profile: 'MeshCA',
    mesh: { trustDomain: 'cluster.local', namespace: 'istio-system' },
    pathLength: generation,
    duration: { default: '2160h' },
    allowedKeys: ['RSA'],
    trust: { minimumDwell: '25h' },
  } as const
  return { apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAIssuer', metadata, spec, status: {} }
}

test('a check under way of an older generation never speaks for a newer one', async () => {
  let present = issuerOf(1)
  const reads: string[] = []
  const first = Promise.withResolvers<undefined>()
  const written: (number | undefined)[] = []
  const issuers = new Issuers({
    issuer: () => present,
    read: (_namespace, { name }) => {
      reads.push(name)
      return name === 'ca-1' ? first.promise : Promise.resolve(undefined)
    },
    open: () => {
      throw new Error('there is nothing to open')
    },
    clusterResourceNamespace: 'mesh-ca-issuer',
    policy: { insecureEndpoints: false, allowedEndpoints: [], issuerAmbientCredentials: false },
    carriedBy: () => [],
    knownBy: () => [],
    writeStatus: async (_issuer, status) => {
      written.push(status.conditions?.[0]?.observedGeneration)
    },
    changed: () => undefined,
    tell: () => undefined,
    recheckMs: 1000,
    now: () => 0,
  })
  const signal = new AbortController().signal
  const older = issuers.current('key', signal)
  present = issuerOf(2)
  const newer = await issuers.current('key', signal)
  first.resolve(undefined)
  const [stale, again] = [await older, await issuers.current('key', signal)]
  assert.deepEqual(reads, ['ca-1', 'ca-2'])
  assert.deepEqual(
    [newer, stale, again].map((current) => current?.facts.spec.pathLength),
    [2, 2, 2],
  )
  assert.equal(newer?.facts.readiness.ready === false && /ca-2/.test(newer.facts.readiness.message), true)
  assert.deepEqual(written, [2], 'the status speaks of the present generation only')
})
