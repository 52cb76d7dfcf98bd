import { readString } from '../api/read.ts'
import { backoffMs } from './backoff.ts'
import type { ApiClient } from './client.ts'
import { ApiError, hasStatus } from './errors.ts'
import { pagedList } from './list.ts'
import { Store, type StoreOptions } from './store.ts'
import { Tactics } from './tactics.ts'
import { pause, systemAfter, type Timers } from './timers.ts'
import { metadataOf, type Notice, streamingList, type WatchedCollection, watchFrom } from './watch.ts'

export interface ReflectorOptions<T> extends StoreOptions<T> {
  readonly client: ApiClient
  /** Of the collection, such as `/api/v1/namespaces`. */
  readonly path: string
  /** Tried first, and dropped where the server does not know the field. */
  readonly fieldSelector?: string
  /** Called when the server answers again after a failure. */
  readonly recovered?: () => void
  /** Milliseconds of a clock. */
  readonly now: () => number
  readonly random: () => number
  readonly after?: Timers['after']
}

const WATCH_SECONDS = 290
const GAPS = { leastMs: 500, mostMs: 30_000 }
/** A watch that stood for so long was a good one, although nothing happened. */
const GOOD_WATCH_MS = 10_000

/**
 * Keeps projections of one collection: lists, watches from there, and after whatever ends that watches or lists again. It
 * gives up only when its signal aborts; after that it calls nothing back.
 */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  readonly #store: Store<T>
  readonly #tactics: Tactics
  readonly #synced = Promise.withResolvers<void>()
  #isSynced = false
  #lastContact: number
  #broken: { readonly since: number; readonly error: unknown } | undefined
  /** How far the store has come; undefined where a list is due. */
  #resourceVersion: string | undefined
  /** Since when the present session has been watching; undefined while it lists. */
  #watchingSince: number | undefined
  /** Whether the present session brought something after its list. */
  #heard = false

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#store = new Store(options)
    this.#tactics = new Tactics(options.fieldSelector)
    this.#lastContact = options.now()
  }

  /** Resolves once the first list is complete; never rejects. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** When the server was last heard of, on the clock of `now`; when this was made, before that. */
  get lastContact(): number {
    return this.#lastContact
  }

  /** Since when every session has failed, on the clock of `now`; undefined while one stands, or before any failed. */
  get brokenSince(): number | undefined {
    return this.#broken?.since
  }

  /** What the last session failed with, where every one has failed since. */
  get brokenBy(): unknown {
    return this.#broken?.error
  }

  get size(): number {
    return this.#store.size
  }

  /** @param key `namespace/name`, or `name` for what has no namespace */
  get(key: string): T | undefined {
    return this.#store.get(key)
  }

  entries(): IterableIterator<[string, T]> {
    return this.#store.entries()
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { after = systemAfter, random } = this.#options
    let failures = 0
    let reached = true
    while (!signal.aborted) {
      const resumed = this.#resourceVersion !== undefined
      const error = await this.#session(signal)
      if (signal.aborted) return
      if (error !== undefined) this.#guarded(() => this.#options.failed(error))
      const good = this.#wasGood()
      const [reachedBefore, expired] = [reached, resumed && hasStatus(error, 410)]
      reached = !hasStatus(error, 0)
      // A server that is back refuses for a moment and knows our version no more: no reason to wait as long as it was away.
      if (good || expired || (reached && !reachedBefore)) failures = 0
      // A watch that ends at once and without a word would otherwise be opened again without a pause.
      if (error !== undefined || !good) failures += 1
      await pause(after, failures === 0 ? 0 : Math.max(askedMs(error), backoffMs(GAPS, failures, random())), signal)
    }
  }

  /** A list where one is due, then a watch, until the server or an error ends it. */
  async #session(signal: AbortSignal): Promise<unknown> {
    this.#heard = false
    this.#watchingSince = this.#resourceVersion === undefined ? undefined : this.#options.now()
    try {
      for await (const notice of this.#notices(signal)) {
        if (signal.aborted) return undefined
        this.#contact()
        this.#apply(notice)
      }
      if (this.#watchingSince === undefined) this.#tactics.listBrokeOff()
      return undefined
    } catch (error) {
      this.#broken = { since: this.#broken?.since ?? this.#options.now(), error }
      if (this.#tactics.learn(error, this.#watchingSince !== undefined)) this.#resourceVersion = undefined
      return error
    }
  }

  async *#notices(signal: AbortSignal): AsyncGenerator<Notice> {
    const { client, path, random } = this.#options
    const timeoutSeconds = Math.round(WATCH_SECONDS * (0.8 + 0.2 * random()))
    const { fieldSelector } = this.#tactics
    const opened = (): void => this.#contact()
    const collection: WatchedCollection = { path, fieldSelector, timeoutSeconds, signal, opened }
    if (this.#resourceVersion === undefined) {
      this.#store.beginList()
      if (this.#tactics.listsAsStream) {
        yield* streamingList(client, collection)
        return
      }
      yield* pagedList(client, collection)
    }
    // Known now, since whoever takes the notices has taken `complete`.
    if (this.#resourceVersion !== undefined) yield* watchFrom(client, collection, this.#resourceVersion)
  }

  #contact(): void {
    this.#lastContact = this.#options.now()
    if (this.#broken === undefined) return
    this.#broken = undefined
    this.#guarded(() => this.#options.recovered?.())
  }

  #apply(notice: Notice): void {
    if (notice.type === 'complete') {
      this.#complete(notice.resourceVersion)
      return
    }
    const version = notice.type === 'bookmark' ? notice.resourceVersion : versionOf(notice.object)
    if (this.#resourceVersion !== undefined && version !== undefined) {
      // A server that lags behind the one before it may tell old news again.
      if (!isLater(version, this.#resourceVersion)) return
      this.#resourceVersion = version
    }
    if (this.#watchingSince !== undefined) this.#hear()
    if (notice.type === 'object') this.#store.keep(notice.object)
    if (notice.type === 'deleted') this.#store.drop(notice.object)
  }

  #complete(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion
    this.#watchingSince = this.#lastContact
    this.#tactics.listed()
    this.#store.endList()
    this.#isSynced = true
    this.#synced.resolve()
  }

  #hear(): void {
    this.#heard = true
    this.#tactics.heard()
  }

  #wasGood(): boolean {
    const since = this.#watchingSince
    return this.#heard || (since !== undefined && this.#options.now() - since >= GOOD_WATCH_MS)
  }

  /** A fault of who is told must not end the loop either. */
  #guarded(tell: () => void): void {
    try {
      tell()
    } catch {
      // There is nobody else to tell.
    }
  }
}

function askedMs(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0
}

function versionOf(object: unknown): string | undefined {
  return readString(metadataOf(object)?.resourceVersion)
}

/** Resource versions of one collection are numbers that grow (KEP-5504); what is none counts as later. */
function isLater(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return true
  return version.length === than.length ? version > than : version.length > than.length
}
