/** An object as the fake keeps it; `spec.group` is what its field selector knows. */
export interface FakeObject {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly resourceVersion: string
  }
  readonly spec: { readonly group: string; readonly value: number }
}

export interface FakeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: FakeObject
  readonly version: number
}

export const FAKE_NAMESPACE = 'default'

/** Objects with their history, as etcd has them: each change has a version of its own. */
export class FakeCollection {
  readonly #objects = new Map<string, FakeObject>()
  readonly #listeners = new Set<(event: FakeEvent) => void>()
  #history: FakeEvent[] = []
  #version = 1
  #compacted = 0

  get version(): number {
    return this.#version
  }

  /** By name, as they are now. */
  get objects(): readonly FakeObject[] {
    return [...this.#objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  }

  /** Creates or changes an object. */
  put(name: string, spec: FakeObject['spec']): void {
    this.#version += 1
    const before = this.#objects.get(name)
    const uid = before?.metadata.uid ?? `uid-${this.#version}`
    const metadata = { namespace: FAKE_NAMESPACE, name, uid, resourceVersion: String(this.#version) }
    const object = { metadata, spec }
    this.#objects.set(name, object)
    this.#tell({ type: before === undefined ? 'ADDED' : 'MODIFIED', object, version: this.#version })
  }

  remove(name: string): void {
    const before = this.#objects.get(name)
    if (before === undefined) return
    this.#version += 1
    this.#objects.delete(name)
    const metadata = { ...before.metadata, resourceVersion: String(this.#version) }
    this.#tell({ type: 'DELETED', object: { ...before, metadata }, version: this.#version })
  }

  /** Forgets the history: watches from before now are told 410. */
  compact(): void {
    this.#history = []
    this.#compacted = this.#version
  }

  /** What happened after that version; undefined where it is forgotten. */
  since(version: number): readonly FakeEvent[] | undefined {
    return version < this.#compacted ? undefined : this.#history.filter((event) => event.version > version)
  }

  /** Calls for each change from now on; the returned function ends that. */
  listen(listener: (event: FakeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(event: FakeEvent): void {
    this.#history.push(event)
    for (const listener of this.#listeners) listener(event)
  }
}
