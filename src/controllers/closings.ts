import type { OpenedBackend } from '../backends/backend.ts'

/** Back ends that nothing new is asked of; what is under way with them may take a while to come to its end. */
export class Closings {
  readonly #open = new Set<Promise<void>>()

  begin(backend: OpenedBackend | undefined): void {
    if (backend?.close === undefined) return
    const closed = backend.close().finally(() => this.#open.delete(closed))
    this.#open.add(closed)
  }

  async ended(): Promise<void> {
    await Promise.all(this.#open)
  }
}
