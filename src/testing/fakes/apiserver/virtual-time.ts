import { setImmediate as turn } from 'node:timers/promises'

interface Timer {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** A clock that moves only when it is told to. */
export class VirtualTime {
  #now = 0
  #made = 0
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#now

  readonly after = (ms: number, act: () => void): (() => void) => {
    this.#made += 1
    const timer = { at: this.#now + ms, order: this.#made, act }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that are still to come. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves on by `ms`, runs what is due in its order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await turn()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.act()
      await turn()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** The same without letting promises settle between. */
  advanceNow(ms: number): void {
    const end = this.#now + ms
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.act()
    }
    this.#now = Math.max(this.#now, end)
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0]
  }
}
