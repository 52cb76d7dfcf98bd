import type { Authority, QuotaUse } from '../backends/backend.ts'

/** What only a process that acts knows. */
export interface ActingView {
  readonly clusterId: string
  /** What the last check of an issuer saw, by its key. */
  readonly authority: (issuer: string) => Authority | undefined
  /** How the limits of its PKI stand. */
  readonly quotas: (issuer: string) => readonly QuotaUse[]
}

/** Whether this process acts just now, and what it then knows: for the status page, which outlives each time of leading. */
export class Acting {
  #view: ActingView | undefined

  get view(): ActingView | undefined {
    return this.#view
  }

  begin(view: ActingView): void {
    this.#view = view
  }

  end(): void {
    this.#view = undefined
  }
}
