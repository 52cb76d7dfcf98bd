import { type CertificateRequest, conditionOf } from '../lab/kube-objects.ts'

/** When requests were first seen approved and Ready. Instants are those of `performance.now()`. */
export class Sightings {
  readonly #approvedAt = new Map<string, number>()
  readonly #readyAt = new Map<string, number>()
  readonly #now: () => number
  #wait: Wait | undefined

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** From approval to Ready, in ms, of all requests that are Ready. */
  waits(): readonly number[] {
    return [...this.#readyAt].map(([name, at]) => Math.max(0, at - (this.#approvedAt.get(name) ?? at)))
  }

  /** Notes an approval, which the watch or who approved may know first. */
  approved(name: string): void {
    if (!this.#approvedAt.has(name)) this.#approvedAt.set(name, this.#now())
  }

  /** Notes the state of a request. */
  seen(request: CertificateRequest): void {
    const { name } = request.metadata
    if (isApproved(request)) this.approved(name)
    const ready = conditionOf(request, 'Ready')
    if (ready?.reason === 'Failed') this.fail(new Error(`Request ${name} failed: ${ready.message}`))
    if (ready?.status === 'True' && !this.#readyAt.has(name)) this.#readyAt.set(name, this.#now())
    this.#look()
  }

  /** Ends the present wait. */
  fail(error: unknown): void {
    this.#wait?.reject(error instanceof Error ? error : new Error(String(error)))
  }

  /** Resolves when that many requests are Ready; rejects after `withinMs`, and when one of them fails. */
  async untilReady(count: number, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = (): void => reject(new Error(`Only ${this.#readyAt.size} of ${count} requests are Ready in time.`))
    const timer = setTimeout(late, withinMs)
    this.#wait = { count, resolve, reject }
    this.#look()
    await promise.finally(() => clearTimeout(timer))
  }

  #look(): void {
    if (this.#wait !== undefined && this.#readyAt.size >= this.#wait.count) this.#wait.resolve()
  }
}

interface Wait {
  readonly count: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function isApproved(request: CertificateRequest): boolean {
  return conditionOf(request, 'Approved')?.status === 'True'
}
