import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { type Call, KubeError, openHttp } from './kube-http.ts'
import type { KubeObject } from './kube-objects.ts'
import { type Collection, collectionPath, objectPath, type Reference, referenceTo } from './kube-paths.ts'
import { follow, list, type ObjectList, type Selection, type WatchEvent, waitFor, watch } from './kube-watch.ts'
import type { Cluster } from './kubeconfig.ts'

/** A thin client for tests. Refusals are KubeError; lost connections are undici's own errors. */
export interface Kube {
  readonly cluster: Cluster
  readonly call: <T>(call: Call) => Promise<T>
  readonly get: <T extends KubeObject>(reference: Reference) => Promise<T>
  /** Like get, but undefined when there is no such object. */
  readonly find: <T extends KubeObject>(reference: Reference) => Promise<T | undefined>
  readonly list: <T extends KubeObject>(collection: Collection & Selection) => Promise<ObjectList<T>>
  readonly create: <T extends KubeObject>(object: T) => Promise<T>
  /** Server-side apply, forced, as field manager `lab` unless told; `subresource` for example `status`. */
  readonly apply: <T extends KubeObject>(object: T, as?: ApplyOptions) => Promise<T>
  /** Applies every document of a YAML text or file in its order. */
  readonly applyYaml: (yaml: string) => Promise<readonly KubeObject[]>
  readonly applyFile: (file: string) => Promise<readonly KubeObject[]>
  /** JSON merge patch; `subresource` for example `status`. */
  readonly patch: <T extends KubeObject>(reference: Reference, patch: unknown, subresource?: string) => Promise<T>
  /** Replaces the object or its subresource; needs metadata.resourceVersion to detect a conflict. */
  readonly update: <T extends KubeObject>(object: T, subresource?: string) => Promise<T>
  /** Deletes; a missing object is no error. */
  readonly delete: (reference: Reference) => Promise<void>
  readonly watch: <T extends KubeObject>(
    options: Collection & Selection & { readonly resourceVersion?: string },
    signal: AbortSignal,
  ) => AsyncGenerator<WatchEvent<T>>
  /** States of one object until aborted, through restarts of the server; undefined while it does not exist. */
  readonly follow: <T extends KubeObject>(reference: Reference, signal: AbortSignal) => AsyncGenerator<T | undefined>
  /** Waits, on a watch, until the existing object is as wanted; 60 s unless `withinMs` is given. */
  readonly waitFor: <T extends KubeObject>(
    reference: Reference,
    wanted: (object: T) => boolean,
    withinMs?: number,
  ) => Promise<T>
  readonly waitUntilGone: (reference: Reference, withinMs?: number) => Promise<void>
  /** TokenRequest for an existing ServiceAccount. */
  readonly serviceAccountToken: (request: TokenRequest) => Promise<string>
  readonly close: () => Promise<void>
}

export interface ApplyOptions {
  readonly fieldManager?: string
  readonly subresource?: string
}

export interface TokenRequest {
  readonly namespace: string
  readonly name: string
  readonly audiences: readonly string[]
  readonly expirationSeconds?: number
}

/** Opens a client; close it, or its idle connections keep the process alive. */
export function openKube(cluster: Cluster): Kube {
  const http = openHttp(cluster)
  const { call } = http
  const get: Kube['get'] = (reference) => call({ method: 'GET', path: objectPath(reference) })
  const apply: Kube['apply'] = (object, { fieldManager = 'lab', subresource } = {}) =>
    call({
      method: 'PATCH',
      path: objectPath(referenceTo(object), subresource),
      query: { fieldManager, force: 'true' },
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
  const applyYaml: Kube['applyYaml'] = async (yaml) => {
    const applied: KubeObject[] = []
    for (const object of parseObjects(yaml)) applied.push(await apply(object))
    return applied
  }
  return {
    cluster,
    call,
    get,
    find: (reference) => unlessMissing(get(reference)),
    list: (collection) => list(http, collection, collection),
    create: (object) => call({ method: 'POST', path: collectionPath(collectionOf(object)), body: object }),
    apply,
    applyYaml,
    applyFile: async (file) => applyYaml(await readFile(file, 'utf8')),
    patch: (reference, body, subresource) =>
      call({
        method: 'PATCH',
        path: objectPath(reference, subresource),
        body,
        contentType: 'application/merge-patch+json',
      }),
    update: (object, subresource) =>
      call({ method: 'PUT', path: objectPath(referenceTo(object), subresource), body: object }),
    delete: async (reference) => {
      await unlessMissing(call({ method: 'DELETE', path: objectPath(reference) }))
    },
    watch: (options, signal) => watch(http, options, signal),
    follow: (reference, signal) => follow(http, reference, signal),
    waitFor: async <T extends KubeObject>(reference: Reference, wanted: (object: T) => boolean, withinMs?: number) => {
      const wait = withinMs === undefined ? { reference } : { reference, withinMs }
      const found = await waitFor<T>(http, wait, (object) => object !== undefined && wanted(object))
      if (found === undefined) throw new Error('A wait for an existing object ended without one.')
      return found
    },
    waitUntilGone: async (reference, withinMs) => {
      const wait = withinMs === undefined ? { reference } : { reference, withinMs }
      await waitFor(http, wait, (object) => object === undefined)
    },
    serviceAccountToken: (request) => requestToken(call, request),
    close: http.close,
  }
}

/** The Kubernetes objects of a YAML text of one or several documents. */
export function parseObjects(yaml: string): readonly KubeObject[] {
  const objects: KubeObject[] = []
  for (const document of parseAllDocuments(yaml)) {
    const value: unknown = document.toJS()
    if (value === null || value === undefined) continue
    if (!isKubeObject(value))
      throw new Error('A YAML document is not a Kubernetes object: apiVersion, kind or metadata.name is missing.')
    objects.push(value)
  }
  return objects
}

function isKubeObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null || !('apiVersion' in value) || !('kind' in value)) return false
  if (!('metadata' in value) || typeof value.metadata !== 'object' || value.metadata === null) return false
  return 'name' in value.metadata
}

function collectionOf(object: KubeObject): Collection {
  const { apiVersion, kind, metadata } = object
  return metadata.namespace === undefined ? { apiVersion, kind } : { apiVersion, kind, namespace: metadata.namespace }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined
    throw error
  }
}

async function requestToken(call: Kube['call'], request: TokenRequest): Promise<string> {
  const { namespace, name, audiences, expirationSeconds = 3600 } = request
  const answer = await call<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences, expirationSeconds } },
  })
  return answer.status.token
}
