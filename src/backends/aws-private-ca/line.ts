/** Somebody who waits, in a line that is fair to tenants. */
export interface Place {
  /** Whom the line is fair to. */
  readonly tenant: string
  /** Unlike any other that waits. */
  readonly id: string
  /** Of a place that it had before, to have it again. */
  readonly number?: number
}

interface Entry extends Pick<Place, 'tenant' | 'id'> {
  readonly number: number
  /** When it said it would come; it need not. */
  dueAt: number
}

/** Who does not come back for so long after the time it was told is forgotten. */
const LATE_MS = 5000

/**
 * Who may go next: of each tenant in turn its first, so that one request is not behind the five hundred of a neighbour. Those
 * in it need not be there: each is told when to come, and keeps its place meanwhile.
 */
export class FairLine {
  /** Tenants in the order of their turns; the entries of each in theirs. */
  readonly #tenants = new Map<string, Entry[]>()
  readonly #entries = new Map<string, Entry>()
  #next = 1
  #sweptAt = Number.NEGATIVE_INFINITY

  /** How many wait, without those who did not come back. */
  waiting(now: number): number {
    return [...this.#entries.values()].filter((entry) => !isLate(entry, now)).length
  }

  /**
   * Takes a place, or finds the one that it has.
   * @returns how many go before it
   */
  join({ tenant, id, number }: Place, now: number): number {
    this.#sweep(now)
    let entry = this.#entries.get(id)
    if (entry === undefined) {
      entry = { tenant, id, number: number ?? this.#next++, dueAt: now }
      this.#entries.set(id, entry)
      const own = this.#tenants.get(tenant)
      if (own === undefined) this.#tenants.set(tenant, [entry])
      else own.splice(indexIn(own, entry.number), 0, entry)
    }
    return this.#before(entry)
  }

  /** It was told to come then. */
  expect(id: string, at: number): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.dueAt = at
  }

  /** It was served, and it is the next tenant's turn. @returns the number of its place */
  serve(id: string): number {
    const entry = this.#remove(id)
    const left = entry && this.#tenants.get(entry.tenant)
    if (entry !== undefined && left !== undefined) {
      this.#tenants.delete(entry.tenant)
      this.#tenants.set(entry.tenant, left)
    }
    return entry?.number ?? this.#next++
  }

  /** It gives up its place. */
  leave(id: string): void {
    this.#remove(id)
  }

  #remove(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#entries.delete(id)
    const own = this.#tenants.get(entry.tenant) ?? []
    own.splice(indexIn(own, entry.number), 1)
    if (own.length === 0) this.#tenants.delete(entry.tenant)
    return entry
  }

  #before({ tenant, number }: Entry): number {
    const own = this.#tenants.get(tenant) ?? []
    const round = indexIn(own, number)
    let before = 0
    let turn = 1
    for (const [name, entries] of this.#tenants) {
      if (name === tenant) turn = 0
      before += name === tenant ? round : Math.min(entries.length, round + turn)
    }
    return before
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < LATE_MS / 2) return
    this.#sweptAt = now
    for (const entry of [...this.#entries.values()]) if (isLate(entry, now)) this.#remove(entry.id)
  }
}

function isLate({ dueAt }: Entry, now: number): boolean {
  return now - dueAt > LATE_MS
}

/** Where a place of this number is, or would be. */
function indexIn(entries: readonly Entry[], number: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.number ?? 0) < number) low = middle + 1
    else high = middle
  }
  return low
}
