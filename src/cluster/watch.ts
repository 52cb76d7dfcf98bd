import type { ApiClient } from './client.ts'
import { ApiError, readStatus } from './errors.ts'

export interface WatchedCollection {
  readonly path: string
  /** Tried first, and dropped where the server does not know the field. */
  readonly fieldSelector?: string
}

/** What a list or a watch brings, one at a time. */
export type Notice =
  | { readonly type: 'object'; readonly object: unknown }
  | { readonly type: 'deleted'; readonly object: unknown }
  /** Every object that existed at this version has been seen. */
  | { readonly type: 'complete'; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }

const PAGE = '500'
/** Lists of one page that a server serves from memory; the version `0` would allow stale ones. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

export interface WatchCall extends WatchedCollection {
  /** How long the server may keep the watch open, seconds. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

/**
 * All objects as a stream of their own: the server sends them one by one and then goes on with changes (KEP-3157).
 * @throws ApiError with status 400 or 422 where the server has no such streams
 */
export async function* streamingList(client: ApiClient, call: WatchCall): AsyncGenerator<Notice> {
  yield* watchLines(client, call, { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' })
}

/** Changes since a version. */
export async function* watchFrom(client: ApiClient, call: WatchCall, resourceVersion: string): AsyncGenerator<Notice> {
  yield* watchLines(client, call, { resourceVersion })
}

async function* watchLines(
  client: ApiClient,
  call: WatchCall,
  extra: Readonly<Record<string, string>>,
): AsyncGenerator<Notice> {
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(call.timeoutSeconds),
    ...selection(call),
    ...extra,
  }
  for await (const line of client.stream({ path: call.path, query, signal: call.signal })) {
    const notice = readEvent(line)
    if (notice !== undefined) yield notice
  }
}

/** All objects in pages, never more than one page in memory. */
export async function* pagedList(
  client: ApiClient,
  { path, signal, fieldSelector }: Omit<WatchCall, 'timeoutSeconds'>,
): AsyncGenerator<Notice> {
  let position = ''
  for (;;) {
    const query = { limit: PAGE, ...selection({ fieldSelector }), ...(position === '' ? {} : { continue: position }) }
    const page: Page = await client.request<Page>({ method: 'GET', path, query, signal })
    for (const object of page.items ?? []) yield { type: 'object', object }
    position = page.metadata.continue ?? ''
    if (position === '') {
      yield { type: 'complete', resourceVersion: page.metadata.resourceVersion }
      return
    }
  }
}

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items?: readonly unknown[]
}

function selection({
  fieldSelector,
}: {
  readonly fieldSelector?: string | undefined
}): Readonly<Record<string, string>> {
  return fieldSelector === undefined ? {} : { fieldSelector }
}

function readEvent(line: string): Notice | undefined {
  const event = parseEvent(line)
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'object', object: event.object }
    case 'DELETED':
      return { type: 'deleted', object: event.object }
    case 'BOOKMARK':
      return bookmark(event.object)
    case 'ERROR':
      throw streamError(event.object)
    default:
      return undefined
  }
}

function parseEvent(line: string): { readonly type: unknown; readonly object: unknown } {
  try {
    const event: unknown = JSON.parse(line)
    if (typeof event === 'object' && event !== null && 'type' in event && 'object' in event) return event
  } catch {
    // Half a line, where the connection broke; told below.
  }
  throw new ApiError(0, 'Unreachable', 'the API server sent a watch event that cannot be read')
}

function bookmark(object: unknown): Notice | undefined {
  const metadata = metadataOf(object)
  const resourceVersion = metadata?.resourceVersion
  if (typeof resourceVersion !== 'string') return undefined
  const { annotations } = metadata ?? {}
  const complete = typeof annotations === 'object' && annotations !== null && INITIAL_EVENTS_END in annotations
  return { type: complete ? 'complete' : 'bookmark', resourceVersion }
}

function streamError(object: unknown): ApiError {
  const status = readStatus(object)
  if (status === undefined) return new ApiError(0, 'Unreachable', 'the API server ended a watch with an unknown error')
  return new ApiError(status.code, status.reason, `the API server ended a watch: ${status.message}`)
}

/** `metadata` of an object as it came. */
export function metadataOf(object: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return undefined
  const { metadata } = object
  return typeof metadata === 'object' && metadata !== null ? { ...metadata } : undefined
}
