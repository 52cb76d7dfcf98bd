import { setTimeout as delay } from 'node:timers/promises'
import { KubeError, type KubeHttp } from './kube-http.ts'
import type { KubeObject } from './kube-objects.ts'
import { type Collection, collectionPath, describeReference, type Reference } from './kube-paths.ts'

export interface Selection {
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly T[]
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

const DEFAULT_WITHIN_MS = 60_000
const RECONNECT_MS = 100

/**
 * Follows one object: yields its present state, then each later one (undefined while it does not exist), through
 * restarts of the API server, until `signal` is aborted or the client is closed.
 */
export async function* follow<T extends KubeObject>(
  http: KubeHttp,
  reference: Reference,
  signal: AbortSignal,
): AsyncGenerator<T | undefined> {
  const over = AbortSignal.any([signal, http.closed])
  while (!over.aborted) {
    try {
      yield* followOnce<T>(http, reference, over)
    } catch (error) {
      if (over.aborted) return
      // A refusal such as Forbidden will not pass; a lost connection, an unready server or an expired version will.
      if (error instanceof KubeError && error.status < 500 && error.status !== 410 && error.status !== 429) throw error
    }
    if (!over.aborted) await delay(RECONNECT_MS, undefined, { signal: over }).catch(() => undefined)
  }
}

async function* followOnce<T extends KubeObject>(
  http: KubeHttp,
  reference: Reference,
  signal: AbortSignal,
): AsyncGenerator<T | undefined> {
  const selection = { fieldSelector: `metadata.name=${reference.name}` }
  const found = await list<T>(http, reference, selection)
  yield found.items[0]
  const { resourceVersion } = found.metadata
  for await (const event of watch<T>(http, { ...reference, ...selection, resourceVersion }, signal)) {
    if (event.type === 'ERROR') return
    if (event.type !== 'BOOKMARK') yield event.type === 'DELETED' ? undefined : event.object
  }
}

export function list<T>(http: KubeHttp, collection: Collection, selection: Selection): Promise<ObjectList<T>> {
  return http.call({ method: 'GET', path: collectionPath(collection), query: queryOf(selection) })
}

export function watch<T>(
  http: KubeHttp,
  options: Collection & Selection & { readonly resourceVersion?: string },
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const { resourceVersion } = options
  const query = { watch: 'true', ...queryOf(options), ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  return http.lines<WatchEvent<T>>({ method: 'GET', path: collectionPath(options), query }, signal)
}

/**
 * Resolves with the first state of the object for which `wanted` holds; while it does not exist `wanted` is given
 * undefined. Rejects after `withinMs` (60 s) with the last state in the message.
 */
export async function waitFor<T extends KubeObject>(
  http: KubeHttp,
  wait: { readonly reference: Reference; readonly withinMs?: number },
  wanted: (object: T | undefined) => boolean,
): Promise<T | undefined> {
  const { reference, withinMs = DEFAULT_WITHIN_MS } = wait
  const stopper = new AbortController()
  const timer = setTimeout(() => stopper.abort(), withinMs)
  let last: T | undefined
  try {
    for await (const object of follow<T>(http, reference, stopper.signal)) {
      last = object
      if (wanted(object)) return object
    }
  } finally {
    clearTimeout(timer)
    stopper.abort()
  }
  const state = last === undefined ? 'it does not exist' : `it is ${JSON.stringify(withoutNoise(last))}`
  throw new Error(`${describeReference(reference)} did not become as expected within ${withinMs} ms: ${state}`)
}

// Values of a Secret never belong into a message, and managedFields only make it long.
function withoutNoise(object: KubeObject): unknown {
  return { ...object, metadata: { name: object.metadata.name }, ...('data' in object ? { data: '…' } : {}) }
}

function queryOf({ labelSelector, fieldSelector }: Selection): Readonly<Record<string, string>> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }
}
