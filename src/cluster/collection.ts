import type { Reflector } from './reflector.ts'

/** Stands for the whole cluster where a namespace could stand. */
export const EVERYWHERE = ''

/**
 * What is kept of one collection: by a reflector for the whole cluster, by one for each namespace that is looked at, or not at
 * all.
 */
export class Collection<T> {
  /** As the API server has it, such as `certificaterequests`. */
  readonly plural: string
  readonly #parts: ReadonlyMap<string, Reflector<T>>

  /** @param parts by namespace, or the one for `EVERYWHERE` */
  constructor(plural: string, parts: ReadonlyMap<string, Reflector<T>>) {
    this.plural = plural
    this.#parts = parts
  }

  get parts(): Iterable<readonly [namespace: string, Reflector<T>]> {
    return this.#parts
  }

  /** The part that knows what lies in a namespace; undefined where nobody looks. */
  partFor(namespace: string): Reflector<T> | undefined {
    return this.#parts.get(EVERYWHERE) ?? this.#parts.get(namespace)
  }

  /** @param key `namespace/name`, or `name` for what has no namespace */
  get(key: string): T | undefined {
    const slash = key.indexOf('/')
    return this.partFor(slash < 0 ? EVERYWHERE : key.slice(0, slash))?.get(key)
  }

  *entries(): Generator<[string, T]> {
    for (const part of this.#parts.values()) yield* part.entries()
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.run(signal)))
  }
}

/** `certificaterequests in namespace team`, or `certificaterequests` alone. */
export function partTitle(plural: string, namespace: string): string {
  return namespace === EVERYWHERE ? plural : `${plural} in namespace ${namespace}`
}
