import { readString } from '../api/read.ts'
import { metadataOf } from './watch.ts'

export interface StoreOptions<T> {
  /** What is kept of an object; undefined leaves it out. */
  readonly project: (object: unknown) => T | undefined
  readonly changed: (key: string, before: T | undefined, after: T | undefined) => void
  /** Told what `project` and `changed` throw: a fault with one object must not end the watch of all. */
  readonly failed: (error: unknown) => void
}

/** The projections of one collection, by key, and what a list in progress has named so far. */
export class Store<T> {
  readonly #options: StoreOptions<T>
  readonly #kept = new Map<string, T>()
  #listed: Set<string> | undefined

  constructor(options: StoreOptions<T>) {
    this.#options = options
  }

  get size(): number {
    return this.#kept.size
  }

  get(key: string): T | undefined {
    return this.#kept.get(key)
  }

  entries(): IterableIterator<[string, T]> {
    return this.#kept.entries()
  }

  /** A list begins: what it does not name until `endList` was deleted while nobody looked. */
  beginList(): void {
    this.#listed = new Set()
  }

  endList(): void {
    const listed = this.#listed
    this.#listed = undefined
    if (listed === undefined) return
    for (const key of [...this.#kept.keys()]) if (!listed.has(key)) this.#replace(key, undefined)
  }

  /** An object was listed, added or changed. */
  keep(object: unknown): void {
    const key = keyOf(object)
    if (key === undefined) return
    this.#listed?.add(key)
    this.#replace(
      key,
      this.#guarded(() => this.#options.project(object)),
    )
  }

  drop(object: unknown): void {
    const key = keyOf(object)
    if (key !== undefined) this.#replace(key, undefined)
  }

  #replace(key: string, after: T | undefined): void {
    const before = this.#kept.get(key)
    if (after === undefined) this.#kept.delete(key)
    else this.#kept.set(key, after)
    if (before !== undefined || after !== undefined) this.#guarded(() => this.#options.changed(key, before, after))
  }

  #guarded<R>(act: () => R): R | undefined {
    try {
      return act()
    } catch (error) {
      this.#options.failed(error)
      return undefined
    }
  }
}

/** `namespace/name`, or `name` for what has no namespace. */
function keyOf(object: unknown): string | undefined {
  const metadata = metadataOf(object)
  const name = readString(metadata?.name)
  const namespace = readString(metadata?.namespace)
  return name === undefined || namespace === undefined ? name : `${namespace}/${name}`
}
