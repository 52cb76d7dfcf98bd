import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from './client.ts'
import { ApiError } from './errors.ts'
import {
  metadataOf,
  type Notice,
  pagedList,
  streamingList,
  type WatchCall,
  type WatchedCollection,
  watchFrom,
} from './watch.ts'

export interface ReflectorOptions<T> extends WatchedCollection {
  readonly client: ApiClient
  /** What is kept of an object; undefined leaves it out. */
  readonly project: (object: unknown) => T | undefined
  readonly changed: (key: string, before: T | undefined, after: T | undefined) => void
  /** Every failure; the loop goes on. */
  readonly failed: (error: unknown) => void
  readonly now: () => number
  readonly random: () => number
}

const WATCH_SECONDS = 290
const LEAST_GAP_MS = 500
const MOST_GAP_MS = 30_000

/**
 * Keeps a projection of one collection: lists, watches from there, and on any end lists or watches again. It never gives up
 * before its signal aborts.
 */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>
  readonly #store = new Map<string, T>()
  readonly #synced = Promise.withResolvers<void>()
  #resourceVersion: string | undefined
  #lastContact: number
  #streams = true
  #selects: boolean
  #isSynced = false

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#selects = options.fieldSelector !== undefined
    this.#lastContact = options.now()
  }

  /** Resolves once the first list is complete. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** When the server was last heard of, on the clock of `now`. */
  get lastContact(): number {
    return this.#lastContact
  }

  get size(): number {
    return this.#store.size
  }

  get(key: string): T | undefined {
    return this.#store.get(key)
  }

  entries(): IterableIterator<[string, T]> {
    return this.#store.entries()
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const before = this.#lastContact
      const error = await this.#once(signal)
      if (signal.aborted) return
      if (error !== undefined) this.#options.failed(error)
      failures = this.#lastContact > before || error === undefined ? 0 : failures + 1
      await this.#pause(error, failures, signal)
    }
  }

  async #once(signal: AbortSignal): Promise<unknown> {
    const lost = new AbortController()
    const call: WatchCall = {
      path: this.#options.path,
      ...(this.#selects && this.#options.fieldSelector !== undefined
        ? { fieldSelector: this.#options.fieldSelector }
        : {}),
      timeoutSeconds: Math.round(WATCH_SECONDS * (0.8 + 0.2 * this.#options.random())),
      signal: AbortSignal.any([signal, lost.signal]),
    }
    try {
      if (this.#resourceVersion === undefined) await this.#list(call)
      else await this.#consume(watchFrom(this.#options.client, call, this.#resourceVersion), new Set(), signal)
      return undefined
    } catch (error) {
      this.#learn(error)
      return error
    } finally {
      lost.abort()
    }
  }

  async #list(call: WatchCall): Promise<void> {
    const seen = new Set<string>()
    const { client } = this.#options
    const notices = this.#streams ? streamingList(client, call) : pagedList(client, call)
    await this.#consume(notices, seen, call.signal)
  }

  async #consume(notices: AsyncGenerator<Notice>, seen: Set<string>, signal: AbortSignal): Promise<void> {
    for await (const notice of notices) {
      if (signal.aborted) return
      this.#lastContact = this.#options.now()
      this.#apply(notice, seen)
    }
  }

  #apply(notice: Notice, seen: Set<string>): void {
    switch (notice.type) {
      case 'object':
        this.#keep(notice.object, seen)
        return
      case 'deleted':
        this.#drop(keyOf(notice.object))
        this.#advance(notice.object)
        return
      case 'complete':
        this.#dropUnseen(seen)
        seen.clear()
        this.#resourceVersion = notice.resourceVersion
        this.#isSynced = true
        this.#synced.resolve()
        return
      case 'bookmark':
        this.#resourceVersion = notice.resourceVersion
    }
  }

  #keep(object: unknown, seen: Set<string>): void {
    const key = keyOf(object)
    if (key === undefined) return
    if (this.#resourceVersion === undefined) seen.add(key)
    const after = this.#guarded(() => this.#options.project(object))
    const before = this.#store.get(key)
    if (after === undefined) this.#store.delete(key)
    else this.#store.set(key, after)
    this.#advance(object)
    if (before !== undefined || after !== undefined) this.#tell(key, before, after)
  }

  #drop(key: string | undefined): void {
    const before = key === undefined ? undefined : this.#store.get(key)
    if (key === undefined || before === undefined) return
    this.#store.delete(key)
    this.#tell(key, before, undefined)
  }

  /** What a complete list does not name was deleted while nobody looked. */
  #dropUnseen(seen: Set<string>): void {
    for (const key of [...this.#store.keys()]) if (!seen.has(key)) this.#drop(key)
  }

  /** While a list is incomplete its versions say nothing about where a watch may begin. */
  #advance(object: unknown): void {
    const version = metadataOf(object)?.resourceVersion
    if (this.#resourceVersion !== undefined && typeof version === 'string') this.#resourceVersion = version
  }

  #tell(key: string, before: T | undefined, after: T | undefined): void {
    this.#guarded(() => this.#options.changed(key, before, after))
  }

  /** A fault in a handler concerns one object and must not end the loop. */
  #guarded<R>(act: () => R): R | undefined {
    try {
      return act()
    } catch (error) {
      this.#options.failed(error)
      return undefined
    }
  }

  #learn(error: unknown): void {
    if (!(error instanceof ApiError)) return
    if (error.status === 410) this.#resourceVersion = undefined
    if (error.status !== 400 && error.status !== 422) return
    if (/field label|field selector/i.test(error.message)) this.#selects = false
    else if (this.#resourceVersion === undefined && /sendInitialEvents|resourceVersionMatch/i.test(error.message))
      this.#streams = false
    else this.#resourceVersion = undefined
  }

  async #pause(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const asked = error instanceof ApiError ? error.retryAfterMs : undefined
    const full = Math.min(MOST_GAP_MS, LEAST_GAP_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10))
    const gap = error === undefined ? 0 : Math.max(asked ?? 0, full * (0.5 + this.#options.random() / 2))
    await delay(gap, undefined, { signal }).catch(() => undefined)
  }
}

/** `namespace/name`, or `name` for what has no namespace. */
function keyOf(object: unknown): string | undefined {
  const metadata = metadataOf(object)
  const { name, namespace } = metadata ?? {}
  if (typeof name !== 'string') return undefined
  return typeof namespace === 'string' ? `${namespace}/${name}` : name
}
