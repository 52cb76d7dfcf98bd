/** How long AWS remembers an idempotency token, less some time on the way: 5 minutes. */
const REMEMBERED_MS = 290_000
const MOST = 10_000

interface Lost {
  readonly token: string
  /** Milliseconds of a clock that never goes back: when the first call with this token was sent. */
  readonly since: number
  /** Answers lost in a row. */
  readonly times: number
  /** Of its place in the line, since what is repeated late may be made twice. */
  readonly number: number
}

/** An order that was sent. */
export interface Sent {
  readonly token: string
  /** Milliseconds of a clock that never goes back. */
  readonly at: number
  /** Of its place in the line. */
  readonly number: number
}

/**
 * Requests whose certificate may exist although nobody was told. A repeat with the same token finds it, for as long as AWS
 * remembers the token; after that, or with another token, there may be two.
 */
export class LostAnswers {
  readonly #lost = new Map<string, Lost>()

  get size(): number {
    return this.#lost.size
  }

  /**
   * The answer to an order did not come.
   * @param id of the request, unlike any other
   * @returns how often in a row that happened
   */
  note(id: string, { token, at, number }: Sent): number {
    const known = this.#lost.get(id)
    const since = known?.token === token ? known.since : at
    const times = (known?.times ?? 0) + 1
    this.#lost.delete(id)
    this.#lost.set(id, { token, since, times, number: known?.number ?? number })
    const [oldest] = this.#lost.keys()
    if (this.#lost.size > MOST && oldest !== undefined) this.#lost.delete(oldest)
    return times
  }

  /** Whether an order that is sent now may leave a certificate behind that nobody was given; told once. */
  strays(id: string, token: string, now: number): boolean {
    const known = this.#lost.get(id)
    if (known === undefined || (known.token === token && now - known.since < REMEMBERED_MS)) return false
    this.#lost.set(id, { ...known, token, since: now })
    return true
  }

  /** The number of the place in the line that the order had whose answer was lost. */
  number(id: string): number | undefined {
    return this.#lost.get(id)?.number
  }

  /** Its certificate is known, or will not be looked for any more. @returns whether an answer had been lost */
  settle(id: string): boolean {
    return this.#lost.delete(id)
  }
}
