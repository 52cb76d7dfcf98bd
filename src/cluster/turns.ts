/** How turns are given out. */
export interface TurnOptions {
  /** How many there are at once. */
  readonly turns: number
  /** Those who share one fate, such as all that wait for one service. */
  readonly ownerOf: (key: string) => string
}

/**
 * Keys in line for a turn, fair between their owners: an owner may hold as many turns as are free beside them (the dynamic
 * thresholds of Choudhury and Hahne, 1998), and owners are served one after the other. One owner alone gets half of the
 * turns; one that never gives a turn back holds up itself and nobody else. What is left is halved by each who hangs: of 2^n
 * turns, n of them leave one for the rest.
 */
export class Turns {
  readonly #ownerOf: TurnOptions['ownerOf']
  /** Keys in line, with their owners. */
  readonly #waiting = new Map<string, string>()
  /** By owner, who is next first. */
  readonly #lines = new Map<string, Set<string>>()
  /** Keys that have a turn, with their owners. */
  readonly #having = new Map<string, string>()
  /** Turns by owner. */
  readonly #held = new Map<string, number>()
  #free: number

  constructor({ turns, ownerOf }: TurnOptions) {
    this.#free = turns
    this.#ownerOf = ownerOf
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Puts a key in line, unless it stands there. */
  join(key: string): void {
    if (this.#waiting.has(key)) return
    const owner = this.#ownerOf(key)
    this.#waiting.set(key, owner)
    const line = this.#lines.get(owner)
    if (line === undefined) this.#lines.set(owner, new Set([key]))
    else line.add(key)
  }

  /** Sends away all who wait. */
  clear(): void {
    this.#waiting.clear()
    this.#lines.clear()
  }

  /** Gives the next key its turn, where somebody may have one. */
  next(): string | undefined {
    for (const [owner, line] of this.#lines) {
      const held = this.#held.get(owner) ?? 0
      const [key] = line
      if (held >= this.#free || key === undefined) continue
      line.delete(key)
      // Others are served before this owner comes again.
      this.#lines.delete(owner)
      if (line.size > 0) this.#lines.set(owner, line)
      this.#waiting.delete(key)
      this.#having.set(key, owner)
      this.#held.set(owner, held + 1)
      this.#free -= 1
      return key
    }
    return undefined
  }

  /** The turn of this key is over, if it had one. */
  over(key: string): void {
    const owner = this.#having.get(key)
    if (owner === undefined) return
    this.#having.delete(key)
    const held = (this.#held.get(owner) ?? 1) - 1
    if (held > 0) this.#held.set(owner, held)
    else this.#held.delete(owner)
    this.#free += 1
  }
}
