import type { FailureView } from '../server/overview.ts'

export type Failure = Omit<FailureView, 'times'>

/** As many as fit on a page. */
const MOST = 50

/** The last failures, each subject and reason once: what is said again moves to the front and is counted. */
export class FailureLog {
  readonly #entries = new Map<string, FailureView>()

  note(failure: Failure): void {
    const key = `${failure.subject} ${failure.reason}`
    const times = (this.#entries.get(key)?.times ?? 0) + 1
    this.#entries.delete(key)
    this.#entries.set(key, { ...failure, times })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest)
  }

  /** The newest first. */
  list(): readonly FailureView[] {
    return [...this.#entries.values()].reverse()
  }
}
