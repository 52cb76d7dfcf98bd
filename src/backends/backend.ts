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
  /** The longest life that the PKI gives, milliseconds; absent where nothing but the chain's own end limits it, as far as is known. */
  readonly longestLifeMs?: number
}

/** What a back end is asked to sign. Every field is a function of facts that do not change while a request is open. */
export interface SigningRequest {
  /** `metadata.uid` of the request: the identity for serial numbers and idempotency tokens. */
  readonly uid: string
  /** Identity of this cluster, since two clusters may sign requests of one name with one PKI. */
  readonly clusterId: string
  /** Whom a quota that many share is to be fair to: the request's namespace, or empty for what belongs to none. */
  readonly tenant: string
  /** Where an earlier attempt at this request stands. */
  readonly ticket?: Ticket
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

/** What a PKI gave for a request that it has taken but not finished. */
export interface Ticket {
  /** The PKI's own name of it, such as the ARN of a certificate that is still being made. */
  readonly value: string
  /** How often it has been asked about in this process. */
  readonly polls: number
}

export type SigningResult =
  | {
      readonly state: 'issued'
      /** The new certificate first; what stands above it may come in any order. */
      readonly chain: readonly Certificate[]
      readonly roots: readonly Certificate[]
    }
  | {
      readonly state: 'pending'
      /** Absent where the PKI was not asked, since its quota is used up for the moment; an earlier ticket stands. */
      readonly ticket?: string
      readonly pollAfterMs: number
    }

/** A certificate, as a back end gives it. */
export type Issued = Extract<SigningResult, { readonly state: 'issued' }>

/** What would help: time, another request, or another look at the issuer. */
export type Remedy = 'retry' | 'give-up' | 'recheck-issuer'

export interface SigningErrorOptions {
  readonly cause?: unknown
  readonly retryAfterMs?: number
  /**
   * The part of the issuer that does not work, where this concerns each of its requests: with remedy `recheck-issuer` the
   * issuer is then unready until its next check, and its requests wait for that.
   */
  readonly part?: 'CredentialsReady' | 'AuthorityReady'
}

/** A refusal or fault of a PKI, named after its remedy. The message is one sentence for a person, without values of secrets. */
export class SigningError extends Error {
  override readonly name = 'SigningError'
  readonly remedy: Remedy
  readonly code: string
  readonly retryAfterMs: number | undefined
  readonly part: SigningErrorOptions['part']

  constructor(remedy: Remedy, code: string, message: string, options: SigningErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.remedy = remedy
    this.code = code
    this.retryAfterMs = options.retryAfterMs
    this.part = options.part
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

/** What a back end adds that holds something open: connections, a login. */
export interface Closable {
  /** Lets go of it all once the calls under way have ended; nothing is thrown, since nobody could mend it. */
  close(): Promise<void>
}

/** What a back end adds whose PKI signs anew at each repeat, so that an unused certificate would lie about unnoticed. */
export interface Discarding {
  /** Nobody is given this certificate: says so, and revokes it where it may, within a limit of its own. Nothing is thrown. */
  discard(certificate: Certificate): Promise<void>
}

/** What a back end adds whose PKI limits how often it is called, so that it keeps to a rate of its own. */
export interface Limited {
  /** How each limit stands just now, as all who use the CA share it. */
  quotas(): readonly QuotaUse[]
}

/** What is known of the limit of one operation of a PKI. */
export interface QuotaUse {
  readonly operation: 'IssueCertificate' | 'GetCertificate'
  /** Calls a second that are kept to. */
  readonly perSecond: number
  /** Calls that may be made at once. */
  readonly tokens: number
  /** How many requests wait for their turn. */
  readonly waiting: number
}

/** A back end as it was opened. */
export type OpenedBackend = Backend & Partial<Closable & Discarding & Limited>
