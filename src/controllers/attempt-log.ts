import type { Issued, SigningRequest, Ticket } from '../backends/backend.ts'
import type { CertificationRequest } from '../pki/csr.ts'

/** A request that a PKI is at. */
interface Taken extends Asked {
  readonly ticket: Ticket
  readonly csr: CertificationRequest
}

/** When a PKI was asked, epoch milliseconds, and how long it wants to be left alone since. */
interface Asked {
  readonly at: number
  readonly gapMs: number
}

/**
 * What this process remembers of open requests: the base time of the first signature, so that a repeat has equal content,
 * what a PKI gave for those it has taken, what it signed and could not be written, and which ones are settled, since the cache
 * shows that a moment later only. Losing it costs nothing but repeats.
 */
export class AttemptLog {
  readonly #bases = new Map<string, number>()
  readonly #taken = new Map<string, Taken>()
  readonly #unwritten = new Map<string, Issued>()
  readonly #settled = new Set<string>()

  /** The base time that this request was last sent to a PKI with, epoch milliseconds. */
  base(uid: string): number | undefined {
    return this.#bases.get(uid)
  }

  /** Said before the request is sent to a PKI. */
  sending(uid: string, base: number): void {
    this.#bases.set(uid, base)
  }

  /** What the PKI gave for this request, as this process knows. */
  ticket(uid: string): Ticket | undefined {
    return this.#taken.get(uid)?.ticket
  }

  /** The CSR that the PKI has taken, read and verified: each poll decides about it anew. */
  csr(uid: string): CertificationRequest | undefined {
    return this.#taken.get(uid)?.csr
  }

  /** The PKI has taken the request, or was asked about it once more; gives how it stands now. */
  pending({ uid, csr }: Pick<SigningRequest, 'uid' | 'csr'>, value: string, asked: Asked): Ticket {
    const known = this.ticket(uid)
    const ticket = { value, polls: known?.value === value ? known.polls + 1 : 1 }
    // One that was forgotten while it was sent is gone, and nobody would forget it again.
    if (this.#bases.has(uid)) this.#taken.set(uid, { ticket, csr, ...asked })
    return ticket
  }

  /** For how long the PKI still wants to be left alone with this request, milliseconds; a clock that was set back does not count. */
  leaveMs(uid: string, now: number): number {
    const taken = this.#taken.get(uid)
    return taken === undefined || now < taken.at ? 0 : Math.max(0, taken.at + taken.gapMs - now)
  }

  /** What was signed for this request, whose write failed: it may have taken place. */
  unwritten(uid: string): Issued | undefined {
    return this.#unwritten.get(uid)
  }

  /** The final write failed, and a PKI might sign another one. */
  keep(uid: string, answer: Issued): void {
    if (this.#bases.has(uid)) this.#unwritten.set(uid, answer)
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
    this.#taken.delete(uid)
    this.#unwritten.delete(uid)
    this.#settled.delete(uid)
  }
}
