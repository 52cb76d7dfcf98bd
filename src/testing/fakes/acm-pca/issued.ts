import { AwsError } from './aws-error.ts'

export interface IssuedCertificate {
  /** ARN of the CA. */
  readonly authority: string
  readonly serialNumber: string
  readonly certificatePem: string
  readonly at: number
}

/** Certificates that were issued, and which of them are revoked. */
export class IssuedCertificates {
  readonly #byArn = new Map<string, IssuedCertificate>()
  /** By ARN of the CA. */
  readonly #counts = new Map<string, number>()
  readonly #revoked = new Set<string>()

  /** @throws AwsError `LimitExceededException` where the CA has issued as many as it may */
  checkQuota(authority: string, quota: number): void {
    if ((this.#counts.get(authority) ?? 0) >= quota) {
      throw new AwsError('LimitExceededException', 'The certificate authority has reached its quota of certificates')
    }
  }

  /** @returns the ARN */
  add(issued: IssuedCertificate): string {
    const arn = arnOf(issued.authority, issued.serialNumber)
    this.#byArn.set(arn, issued)
    this.#counts.set(issued.authority, (this.#counts.get(issued.authority) ?? 0) + 1)
    return arn
  }

  /** @throws AwsError `ResourceNotFoundException`, for a certificate of another CA too */
  find(arn: string, authority: string): IssuedCertificate {
    const found = this.#byArn.get(arn)
    if (found?.authority === authority) return found
    throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}`)
  }

  /** @returns the ARN @throws AwsError `ResourceNotFoundException`, `RequestAlreadyProcessedException` */
  revoke(authority: string, serialNumber: string): string {
    const arn = arnOf(authority, serialNumber)
    this.find(arn, authority)
    if (this.#revoked.has(arn)) {
      throw new AwsError('RequestAlreadyProcessedException', 'The certificate has been revoked already')
    }
    this.#revoked.add(arn)
    return arn
  }
}

function arnOf(authority: string, serialNumber: string): string {
  return `${authority}/certificate/${serialNumber}`
}
