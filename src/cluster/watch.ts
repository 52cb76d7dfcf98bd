import { isObject, type JsonObject, readObject, readString } from '../api/read.ts'
import type { ApiClient } from './client.ts'
import { ApiError, readStatus } from './errors.ts'

/** What is listed or watched. */
export interface Collection {
  readonly path: string
  readonly fieldSelector?: string | undefined
  readonly signal: AbortSignal
}

export interface WatchedCollection extends Collection {
  /** How long the server may keep the watch open. */
  readonly timeoutSeconds: number
  /** Called when the server has begun to answer. */
  readonly opened?: () => void
}

/** What a list or a watch brings, one at a time. */
export type Notice =
  | { readonly type: 'object'; readonly object: unknown }
  | { readonly type: 'deleted'; readonly object: unknown }
  /** Every object that existed at this version has been seen. */
  | { readonly type: 'complete'; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }

/** On the bookmark that ends the initial events (metav1.InitialEventsAnnotationKey). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

/**
 * All objects as a stream of their own: the server sends them one by one, says that they are complete, and goes on with
 * changes (KEP-3157). A server that has no such streams answers 400 or 422.
 */
export function streamingList(client: ApiClient, collection: WatchedCollection): AsyncGenerator<Notice> {
  return watchLines(client, collection, { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' })
}

/** Changes since a version. */
export function watchFrom(
  client: ApiClient,
  collection: WatchedCollection,
  resourceVersion: string,
): AsyncGenerator<Notice> {
  return watchLines(client, collection, { resourceVersion })
}

async function* watchLines(
  client: ApiClient,
  collection: WatchedCollection,
  from: Readonly<Record<string, string>>,
): AsyncGenerator<Notice> {
  const { path, signal, timeoutSeconds, opened } = collection
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutSeconds),
    ...selection(collection),
    ...from,
  }
  for await (const line of client.stream({ path, query, signal, ...(opened && { opened }) })) {
    const notice = readEvent(line)
    if (notice !== undefined) yield notice
  }
}

export function selection({ fieldSelector }: Collection): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector }
}

function readEvent(line: string): Notice | undefined {
  const { type, object } = parseEvent(line)
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'object', object }
    case 'DELETED':
      return { type: 'deleted', object }
    case 'BOOKMARK':
      return bookmark(object)
    case 'ERROR':
      throw streamError(object)
    default:
      return undefined
  }
}

function parseEvent(line: string): JsonObject {
  try {
    const event: unknown = JSON.parse(line)
    if (isObject(event)) return event
  } catch {
    // Told below, without the line.
  }
  throw new ApiError(0, 'Unreadable', 'the API server sent a watch event that is not JSON')
}

function bookmark(object: unknown): Notice | undefined {
  const metadata = metadataOf(object)
  const resourceVersion = readString(metadata?.resourceVersion)
  if (resourceVersion === undefined) return undefined
  const complete = readObject(metadata?.annotations)?.[INITIAL_EVENTS_END] === 'true'
  return { type: complete ? 'complete' : 'bookmark', resourceVersion }
}

function streamError(object: unknown): ApiError {
  const status = readStatus(object)
  if (status === undefined) return new ApiError(0, 'Unreadable', 'the API server ended a watch with an unknown error')
  return new ApiError(status.code, status.reason, `the API server ended a watch: ${status.message}`)
}

/** `metadata` of an object as it came. */
export function metadataOf(object: unknown): JsonObject | undefined {
  return isObject(object) ? readObject(object.metadata) : undefined
}
