import type { LeaseObject } from './lease-object.ts'

/** What a record was first seen as, and until when it counts. */
interface Seen {
  readonly record: string
  readonly until: number
}

/**
 * Until when a Lease must be taken as held: for its whole duration after its record was last seen to change, on our own clock,
 * since the clocks of others prove nothing. A Lease that was deleted is held as long: its holder does not know yet.
 */
export class LeaseSight {
  readonly #identity: string
  readonly #durationMs: number
  #seen: Seen | undefined

  /** @param durationMs of a record that names none */
  constructor(identity: string, durationMs: number) {
    this.#identity = identity
    this.#durationMs = durationMs
  }

  /** Takes in how the Lease is `now`, milliseconds of a clock that never goes back. */
  see(lease: LeaseObject | undefined, now: number): void {
    if (lease === undefined) return
    const { holderIdentity = '', leaseDurationSeconds = this.#durationMs / 1000 } = lease.spec ?? {}
    if (holderIdentity === '' || holderIdentity === this.#identity) {
      this.#seen = undefined
      return
    }
    // Not its version, which changes with whatever is noted on the Lease.
    const record = JSON.stringify(lease.spec)
    if (this.#seen?.record !== record) this.#seen = { record, until: now + leaseDurationSeconds * 1000 }
  }

  /** For how long it must still be left alone. */
  heldMs(now: number): number {
    return Math.max(0, (this.#seen?.until ?? now) - now)
  }
}
