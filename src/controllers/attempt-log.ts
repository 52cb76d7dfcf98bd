/**
 * What this process remembers of open requests: the base time of the first signature, so that a repeat has equal content,
 * and which ones it has settled, since the cache shows that a moment later only. Losing it costs nothing but repeats.
 */
export class AttemptLog {
  readonly #bases = new Map<string, number>()
  readonly #settled = new Set<string>()

  /** The base time that this request was last sent to a PKI with, epoch milliseconds. */
  base(uid: string): number | undefined {
    return this.#bases.get(uid)
  }

  /** Said before the request is sent to a PKI. */
  sending(uid: string, base: number): void {
    this.#bases.set(uid, base)
  }

  /** Said before the final write, so that no second attempt starts while the cache still shows the request as open. */
  settle(uid: string): void {
    this.#settled.add(uid)
  }

  /** The final write did not take place. */
  reopen(uid: string): void {
    this.#settled.delete(uid)
  }

  isSettled(uid: string): boolean {
    return this.#settled.has(uid)
  }

  /** The cache shows the request as settled, or it is gone. */
  forget(uid: string): void {
    this.#bases.delete(uid)
    this.#settled.delete(uid)
  }
}
