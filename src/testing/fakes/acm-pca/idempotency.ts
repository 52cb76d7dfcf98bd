const WINDOW_MS = 300_000

interface Remembered {
  readonly certificateArn: string
  /** SHA-256 of the CSR. */
  readonly csr: string
  readonly at: number
}

export interface Repeat {
  readonly certificateArn: string
  /** The token came with another CSR, for which AWS documents nothing. */
  readonly collision: boolean
}

/**
 * Idempotency tokens of IssueCertificate: five minutes, each CA for itself. Only what was issued is remembered, so a call
 * that failed does not use its token up.
 */
export class IdempotencyTokens {
  readonly #byToken = new Map<string, Remembered>()

  /** What the token stands for, if it came within five minutes. */
  repeated(
    authority: string,
    token: string,
    { csr, now }: { readonly csr: string; readonly now: number },
  ): Repeat | undefined {
    const known = this.#byToken.get(id(authority, token))
    if (known === undefined || now - known.at >= WINDOW_MS) return undefined
    return { certificateArn: known.certificateArn, collision: known.csr !== csr }
  }

  remember(authority: string, token: string, issued: Remembered): void {
    this.#byToken.set(id(authority, token), issued)
  }
}

function id(authority: string, token: string): string {
  return `${authority} ${token}`
}
