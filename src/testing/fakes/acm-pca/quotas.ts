import { AwsError } from './aws-error.ts'

interface Bucket {
  readonly left: number
  readonly at: number
}

/** The quotas of a new account, in calls per second ("AWS Private CA endpoints and quotas"). */
export const DEFAULT_QUOTAS: Readonly<Record<string, number>> = {
  IssueCertificate: 25,
  GetCertificate: 75,
  GetCertificateAuthorityCsr: 10,
  GetCertificateAuthorityCertificate: 20,
  DescribeCertificateAuthority: 20,
  RevokeCertificate: 20,
}

/** A token bucket for each operation, account and region: it holds what one second allows and fills evenly. */
export class Quotas {
  #perSecond: Readonly<Record<string, number>>
  readonly #buckets = new Map<string, Bucket>()

  constructor(perSecond: Readonly<Record<string, number>> = {}) {
    this.#perSecond = perSecond
  }

  set(perSecond: Readonly<Record<string, number>>): void {
    this.#perSecond = perSecond
    this.#buckets.clear()
  }

  /** Takes one call out. @throws AwsError `ThrottlingException` where there is none left */
  take(operation: string, owner: string, now: number): void {
    const rate = this.#perSecond[operation]
    if (rate === undefined) return
    const id = `${operation} ${owner}`
    const { left, at } = this.#buckets.get(id) ?? { left: rate, at: now }
    const filled = Math.min(rate, left + ((now - at) * rate) / 1000)
    this.#buckets.set(id, { left: filled < 1 ? filled : filled - 1, at: now })
    if (filled < 1) throw throttled()
  }
}

export function throttled(): AwsError {
  return new AwsError('ThrottlingException', 'Rate exceeded')
}
