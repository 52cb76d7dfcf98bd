/** What goes wrong with one request; `after` counts events that still come through. */
export type Fault =
  | {
      readonly kind: 'refuse'
      readonly status: number
      readonly reason?: string
      readonly message?: string
      readonly retryAfter?: string
    }
  /** The connection breaks before an answer. */
  | { readonly kind: 'reset' }
  /** An answer that no API server would give. */
  | { readonly kind: 'nonsense' }
  /** No answer at all. */
  | { readonly kind: 'hang' }
  /** A watch that ends in the middle of a line. */
  | { readonly kind: 'cut'; readonly after: number }
  /** A watch that ends in order, early. */
  | { readonly kind: 'end'; readonly after: number }
  /** A watch that falls silent. */
  | { readonly kind: 'silence'; readonly after: number }
  /** An event of type ERROR; the watch stays open. */
  | { readonly kind: 'error-event'; readonly after: number; readonly status: number }
  /** Events from before the version that was asked for are told again. */
  | { readonly kind: 'stale'; readonly after: number }

/** A page of a list, a watch that begins with a list, or a watch from a version. */
export type RequestKind = 'list' | 'stream' | 'watch'

/** The faults to come, one for each request of a kind. */
export class Faults {
  readonly #planned: Record<RequestKind, Fault[]> = { list: [], stream: [], watch: [] }
  #always: Partial<Record<RequestKind, Fault>> = {}

  plan(kind: RequestKind, ...faults: readonly Fault[]): void {
    this.#planned[kind].push(...faults)
  }

  /** This fault for every request of the kind that has no other. */
  always(kind: RequestKind, fault: Fault): void {
    this.#always = { ...this.#always, [kind]: fault }
  }

  /** From now on nothing goes wrong any more. */
  stop(): void {
    for (const planned of Object.values(this.#planned)) planned.length = 0
    this.#always = {}
  }

  next(kind: RequestKind): Fault | undefined {
    return this.#planned[kind].shift() ?? this.#always[kind]
  }

  /** Planned and not met. */
  get left(): number {
    return Object.values(this.#planned).flat().length
  }
}
