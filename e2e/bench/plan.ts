/** How much a run measures. */
export interface Plan {
  /** Requests of one round. */
  readonly requests: number
  /** Rounds with the controller, and as many of the limit between them. */
  readonly rounds: number
  /** The same with a PKI that is a process of its own: it takes more of them to see through what else the machine does. */
  readonly pkiRounds: number
  /** Starts of the controller in the empty cluster, and as many in the full one. */
  readonly starts: number
  /** Requests approved one at a time. */
  readonly alone: number
  /** Finished requests, and Secrets, of the full cluster. */
  readonly full: number
}

export const FULL_PLAN: Plan = { requests: 1_000, rounds: 3, pkiRounds: 5, starts: 5, alone: 50, full: 10_000 }
export const QUICK_PLAN: Plan = { requests: 100, rounds: 1, pkiRounds: 1, starts: 2, alone: 10, full: 500 }
