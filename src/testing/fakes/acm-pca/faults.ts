/** What goes wrong with one call. `workDone`: the service did what it was asked before it went wrong. */
export type Fault =
  | { readonly kind: 'throttle' }
  /** The work is done, and the connection breaks before the answer. */
  | { readonly kind: 'lost-answer' }
  /** The connection breaks before any work. */
  | { readonly kind: 'reset' }
  /** No answer until `release()` or until the caller gives up. */
  | { readonly kind: 'hang'; readonly workDone?: boolean }
  /** 500 by default; with a body of the service by default, else without one. */
  | { readonly kind: 'server-error'; readonly status?: number; readonly body?: boolean; readonly workDone?: boolean }
  /** 200 with what is no JSON (XML for STS), after the work. */
  | { readonly kind: 'garbage' }
  /** 200 with a right body grown to `octets` (16 MiB by default), after the work. */
  | { readonly kind: 'huge'; readonly octets?: number }
  | { readonly kind: 'expired-token' }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'limit-exceeded' }
  | { readonly kind: 'error'; readonly code: string; readonly message?: string; readonly status?: number }

export interface FaultRule {
  readonly fault: Fault
  /** All by default. */
  readonly operation?: string
  /** Begins with this call of the operation from now on; 1 by default. */
  readonly nth?: number
  /** So many calls: 1 by default, without end for a probability. */
  readonly times?: number
  /** 0 to 1; each call draws from a generator of the rule's own. */
  readonly probability?: number
  readonly seed?: number
}

interface Planned {
  readonly rule: FaultRule
  readonly draw: () => number
  seen: number
  left: number
}

/** The faults to come. Rules are asked in the order in which they were planned; the first that strikes is the one. */
export class Faults {
  #planned: Planned[] = []
  #always: Fault | undefined
  #latency: { readonly ms: number; readonly operation: string | undefined }[] = []
  readonly #hanging = new Set<() => void>()

  plan(...rules: readonly FaultRule[]): void {
    for (const rule of rules) {
      const left = rule.times ?? (rule.probability === undefined ? 1 : Number.POSITIVE_INFINITY)
      this.#planned.push({ rule, draw: generator(rule.seed ?? 1), seen: 0, left })
    }
  }

  /** From now on every call fails: with broken connections, or with this fault. */
  outage(on: boolean | Fault): void {
    this.#always = on === true ? { kind: 'reset' } : on || undefined
  }

  /** From now on every call (of this operation) takes so long; 0 ends it. */
  latency(ms: number, operation?: string): void {
    const others = this.#latency.filter((one) => one.operation !== operation)
    this.#latency = ms === 0 ? others : [...others, { ms, operation }]
  }

  /** From now on nothing goes wrong any more, and what hangs is let go. */
  clear(): void {
    this.#planned = []
    this.#always = undefined
    this.#latency = []
    this.release()
  }

  /** Breaks the connections of calls that hang. */
  release(): void {
    for (const letGo of [...this.#hanging]) letGo()
  }

  /** Calls that hang now. */
  get hanging(): number {
    return this.#hanging.size
  }

  /** Faults that are planned a number of times and were not met so often. */
  get left(): number {
    return this.#planned.reduce((sum, { left }) => sum + (Number.isFinite(left) ? left : 0), 0)
  }

  next(operation: string): Fault | undefined {
    if (this.#always !== undefined) return this.#always
    const striking = this.#planned.filter((planned) => strikes(planned, operation))[0]
    if (striking === undefined) return undefined
    striking.left -= 1
    return striking.rule.fault
  }

  latencyOf(operation: string): number {
    const one = this.#latency.find((wanted) => wanted.operation === operation)
    return (one ?? this.#latency.find((wanted) => wanted.operation === undefined))?.ms ?? 0
  }

  /** Resolves once it is let go, by `release()` or by the caller, who is given the means to. */
  hang(given: (letGo: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const letGo = (): void => {
        this.#hanging.delete(letGo)
        resolve()
      }
      this.#hanging.add(letGo)
      given(letGo)
    })
  }
}

/** Every rule counts and draws on every call, so that one rule does not change the next. */
function strikes(planned: Planned, operation: string): boolean {
  const { rule } = planned
  if (rule.operation !== undefined && rule.operation !== operation) return false
  planned.seen += 1
  const drawn = rule.probability === undefined || planned.draw() < rule.probability
  return drawn && planned.left > 0 && planned.seen >= (rule.nth ?? 1)
}

/** mulberry32: 32 bits of state, the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
