import type { Certificate } from '../pki/certificate.ts'
import type { CertificationRequest } from '../pki/csr.ts'
import type { KeyUsage } from '../pki/key-usage.ts'
import type { NameConstraints } from '../pki/name-constraints.ts'

/** The certificate authority behind an issuer, as it was last seen. */
export interface Authority {
  /** The certificate whose key signs. */
  readonly certificate: Certificate
  /** The signer first, then every CA above it below the root; just the root where the root signs. */
  readonly chain: readonly Certificate[]
  /** The self-signed end of the chain. */
  readonly root: Certificate
}

/** What a back end is asked to sign. Every field is a function of facts that do not change while a request is open. */
export interface SigningRequest {
  /** `metadata.uid` of the request: the identity for serial numbers and idempotency tokens. */
  readonly uid: string
  /** Identity of this cluster, since two clusters may sign requests of one name with one PKI. */
  readonly clusterId: string
  readonly csr: CertificationRequest
  readonly isCA: boolean
  /** pathLenConstraint (RFC 5280 4.2.1.9); present exactly with `isCA`. */
  readonly pathLength?: number
  readonly keyUsage: readonly KeyUsage[]
  /** OIDs, in the order the request gave. */
  readonly extKeyUsage: readonly string[]
  readonly nameConstraints?: NameConstraints
  /** Epoch milliseconds, whole seconds. */
  readonly notBefore: number
  /** Epoch milliseconds, whole seconds. */
  readonly notAfter: number
}

export type SigningResult =
  | {
      readonly state: 'issued'
      /** The new certificate first; what stands above it may come in any order. */
      readonly chain: readonly Certificate[]
      readonly roots: readonly Certificate[]
    }
  | { readonly state: 'pending'; readonly ticket: string; readonly pollAfterMs: number }

/** What would help: time, another request, or another look at the issuer. */
export type Remedy = 'retry' | 'give-up' | 'recheck-issuer'

/** A refusal or fault of a PKI, named after its remedy. The message is one sentence for a person, without values of secrets. */
export class SigningError extends Error {
  override readonly name = 'SigningError'
  readonly remedy: Remedy
  readonly code: string
  readonly retryAfterMs: number | undefined

  constructor(
    remedy: Remedy,
    code: string,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.remedy = remedy
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The port to a PKI. Two methods; further abilities are further interfaces. */
export interface Backend {
  /**
   * Proves that signing would work: credentials, authority, permission.
   * @throws SigningError
   */
  check(signal: AbortSignal): Promise<Authority>
  /**
   * Signs. The same request twice gives one certificate wherever the service allows it.
   * @throws SigningError
   */
  sign(request: SigningRequest, signal: AbortSignal): Promise<SigningResult>
}
