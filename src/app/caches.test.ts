import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { ApiClient } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import type { Scope } from '../issuance/scope.ts'
import { testCertificateRequest, testClusterIssuer, testIssuer } from '../testing/builders.ts'
import { type CacheHandlers, issuerOf, makeCaches, watchesFor, watchesOf } from './caches.ts'

const CERT_MANAGER = '/apis/cert-manager.io/v1'
const OURS = '/apis/meshca.dev/v1alpha1'

/** Lists and watches what is given for a path; everything else is forbidden. */
function streaming(objects: Readonly<Record<string, readonly object[]>>): ApiClient {
  const end = { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } }
  return {
    request: () => Promise.reject(new ApiError(403, 'Forbidden', 'forbidden')),
    send: () => Promise.reject(new ApiError(403, 'Forbidden', 'forbidden')),
    stream: async function* ({ path, signal }) {
      const found = objects[path]
      if (found === undefined) throw new ApiError(403, 'Forbidden', 'forbidden')
      for (const object of found) yield JSON.stringify({ type: 'ADDED', object })
      yield JSON.stringify({ type: 'BOOKMARK', object: end })
      await once(signal, 'abort')
    },
    close: async () => undefined,
  }
}

/** Caches that run until the test ends, and what was told of them. */
function running(objects: Readonly<Record<string, readonly object[]>>, scope: Partial<Scope> = {}) {
  const [keys, failed]: [string[], string[]] = [[], []]
  const note = (key: string): void => void keys.push(key)
  const handlers: CacheHandlers = {
    certificateRequest: note,
    kubernetesCsr: note,
    issuer: note,
    namespace: note,
    recovered: () => undefined,
  }
  const stop = new AbortController()
  const caches = makeCaches({
    client: streaming(objects),
    scope: { watchNamespaces: [], skipNamespaces: [], ...scope },
    now: () => 0,
    failed: (watch) => failed.push(watch),
    handlers,
  })
  const ended = Promise.all(Object.values(caches).map((collection) => collection.run(stop.signal)))
  const end = async (): Promise<void> => {
    stop.abort()
    await ended
  }
  return { caches, keys, failed, end }
}

function synced(watches: readonly { readonly synced: Promise<void> }[]): Promise<unknown> {
  return Promise.all(watches.map((watch) => watch.synced))
}

function asks(namespace: string, kind: string): object {
  return testCertificateRequest({
    metadata: { namespace, name: kind },
    spec: { issuerRef: { group: 'meshca.dev', kind, name: 'mesh' } },
  })
}

function listed(namespace: string, kinds: readonly string[] = []): Readonly<Record<string, readonly object[]>> {
  return {
    [`${CERT_MANAGER}/namespaces/${namespace}/certificaterequests`]: kinds.map((kind) => asks(namespace, kind)),
    [`${OURS}/namespaces/${namespace}/meshcaissuers`]: [testIssuer({ metadata: { namespace, name: 'mesh' } })],
  }
}

test('the whole cluster is watched with one watch of each kind', async (context) => {
  const { caches, keys, failed, end } = running({
    [`${CERT_MANAGER}/certificaterequests`]: [asks('a', 'MeshCAClusterIssuer')],
    '/apis/certificates.k8s.io/v1/certificatesigningrequests': [],
    [`${OURS}/meshcaissuers`]: [testIssuer({ metadata: { namespace: 'a', name: 'mesh' } })],
    [`${OURS}/meshcaclusterissuers`]: [],
    '/api/v1/namespaces': [],
  })
  context.after(end)
  const watches = Object.keys(watchesOf(caches))
  assert.deepEqual(watches, [
    'certificaterequests',
    'certificatesigningrequests',
    'meshcaissuers',
    'meshcaclusterissuers',
    'namespaces',
  ])
  assert.equal(watchesFor(caches, 'a').length, watches.length)
  await synced(watchesFor(caches, ''))
  assert.deepEqual([keys.sort(), failed], [['MeshCAIssuer/a/mesh', 'a/MeshCAClusterIssuer'], []])
  assert.equal(caches.certificateRequests.get('a/MeshCAClusterIssuer')?.state, 'open')
  assert.equal(issuerOf(caches, 'MeshCAIssuer/a/mesh')?.metadata.namespace, 'a')
})

test('issuers of namespaces that another installation serves are left out, and requests to them', async (context) => {
  const kinds = ['MeshCAIssuer', 'MeshCAClusterIssuer']
  const { caches, end } = running(
    {
      [`${CERT_MANAGER}/certificaterequests`]: ['a', 'b'].flatMap((place) => kinds.map((kind) => asks(place, kind))),
      '/apis/certificates.k8s.io/v1/certificatesigningrequests': [],
      [`${OURS}/meshcaissuers`]: ['a', 'b'].map((namespace) => testIssuer({ metadata: { namespace, name: 'mesh' } })),
      [`${OURS}/meshcaclusterissuers`]: [testClusterIssuer()],
      '/api/v1/namespaces': [],
    },
    { skipNamespaces: ['b'] },
  )
  context.after(end)
  await synced(watchesFor(caches, ''))
  const states = [...caches.certificateRequests.entries()].map(([key, { state }]) => `${key} ${state}`)
  assert.deepEqual(states.sort(), [
    'a/MeshCAClusterIssuer open',
    'a/MeshCAIssuer open',
    'b/MeshCAClusterIssuer open',
    'b/MeshCAIssuer elsewhere',
  ])
  assert.deepEqual(
    [...caches.issuers.entries()].map(([key]) => key),
    ['a/mesh'],
  )
  assert.equal(caches.clusterIssuers.get('mesh')?.kind, 'MeshCAClusterIssuer')
})

test('of some namespaces requests and issuers are watched, and nothing of the cluster', async (context) => {
  const kinds = ['MeshCAIssuer', 'MeshCAClusterIssuer']
  const { caches, keys, failed, end } = running(
    { ...listed('a', kinds), ...listed('b', kinds) },
    { watchNamespaces: ['a', 'b'] },
  )
  context.after(end)
  const watches = watchesOf(caches)
  assert.deepEqual(
    Object.keys(watches),
    ['certificaterequests', 'meshcaissuers'].flatMap((plural) =>
      ['a', 'b'].map((namespace) => `${plural} in namespace ${namespace}`),
    ),
  )
  await synced(Object.values(watches))
  assert.deepEqual(failed, [])
  assert.deepEqual([...keys].sort(), [
    'MeshCAIssuer/a/mesh',
    'MeshCAIssuer/b/mesh',
    ...['a', 'b'].flatMap((namespace) => [`${namespace}/MeshCAClusterIssuer`, `${namespace}/MeshCAIssuer`]),
  ])
  const states = [...caches.certificateRequests.entries()].map(([key, { state }]) => `${key} ${state}`)
  assert.deepEqual(states.sort(), [
    'a/MeshCAClusterIssuer elsewhere',
    'a/MeshCAIssuer open',
    'b/MeshCAClusterIssuer elsewhere',
    'b/MeshCAIssuer open',
  ])
  assert.equal(caches.certificateRequests.get('b/MeshCAIssuer')?.state, 'open')
  for (const key of ['c/MeshCAIssuer', 'MeshCAIssuer']) assert.equal(caches.certificateRequests.get(key), undefined)
  assert.equal(issuerOf(caches, 'MeshCAIssuer/b/mesh')?.metadata.namespace, 'b')
  assert.equal(issuerOf(caches, 'MeshCAClusterIssuer//mesh'), undefined)
  assert.deepEqual([...caches.namespaces.entries()], [])
})

test('a namespace that may not be read leaves the others whole', async (context) => {
  const { caches, failed, end } = running({ ...listed('a'), ...listed('b') }, { watchNamespaces: ['a', 'gone', 'b'] })
  context.after(end)
  await synced([...watchesFor(caches, 'a'), ...watchesFor(caches, 'b')])
  assert.deepEqual(
    watchesFor(caches, 'gone').map(({ isSynced }) => isSynced),
    [false, false],
  )
  assert.deepEqual(failed.sort(), ['certificaterequests in namespace gone', 'meshcaissuers in namespace gone'])
})
