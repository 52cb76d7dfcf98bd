/** Why a request is not signed now. `fail`: only a new request can mend it. `wait`: an owner, the PKI or time can. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly outcome: 'fail' | 'wait'
  /** UpperCamelCase, stable: the reason of the event. */
  readonly code: string
  /** Present where time alone will mend it. */
  readonly waitMs: number | undefined

  constructor(outcome: 'fail' | 'wait', code: string, message: string, waitMs?: number) {
    super(message)
    this.outcome = outcome
    this.code = code
    this.waitMs = waitMs
  }
}

export function fail(code: string, message: string): Refusal {
  return new Refusal('fail', code, message)
}

export function wait(code: string, message: string, waitMs?: number): Refusal {
  return new Refusal('wait', code, message, waitMs)
}
