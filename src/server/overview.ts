/** What the status page shows. Instants are epoch milliseconds; lists hold what needs attention first. */
export interface Overview {
  readonly at: number
  readonly process: ProcessView
  readonly issuers: readonly IssuerView[]
  /** One row a Certificate, the one that ends first at the top. */
  readonly intermediates: readonly IntermediateView[]
  readonly requests: RequestsView
  /** The newest first. */
  readonly failures: readonly FailureView[]
}

export interface ProcessView {
  /** Unlike that of any other process. */
  readonly identity: string
  readonly role: 'acting' | 'standing by' | 'starting'
  /** Identity of the cluster towards a PKI; known where the process acts. */
  readonly clusterId?: string
  /** The Lease that the one that acts holds; where this one stands by. */
  readonly lease?: string
  /** The only ones that it serves; none: the whole cluster. */
  readonly namespaces: readonly string[]
  /** What keeps it from being ready, in words. */
  readonly problems: readonly string[]
}

export interface IssuerView {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly backend: string
  /** `held`: it signs, but a change of trust is held back. `unchecked`: nothing is known of the spec that stands. */
  readonly state: 'ready' | 'held' | 'not ready' | 'unchecked'
  /** What is wrong, in words. */
  readonly problems: readonly string[]
  readonly conditions: readonly ConditionView[]
  /** How long a certificate lasts that was asked for without a duration. */
  readonly defaultDurationMs: number
  /** The CA that signs first, the root last; what stands between is known where the process acts. */
  readonly chain: readonly LinkView[]
  readonly trustBundle?: TrustBundleView
  /** Limits of its PKI that are kept to; known where the process acts. */
  readonly quotas: readonly QuotaView[]
  readonly lastIssuance?: {
    readonly at: number
    readonly request: string
    readonly serialNumber: string
    readonly notAfter: number
  }
}

export interface ConditionView {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  /** Since when the status is this. */
  readonly since?: number
}

export interface LinkView {
  readonly role: 'signs' | 'between' | 'root'
  readonly subject: string
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string
  readonly notBefore?: number
  readonly notAfter?: number
}

export interface TrustBundleView {
  /** Of the bytes of ca.crt, lower-case hex. */
  readonly sha256: string
  readonly roots: readonly RootView[]
}

export interface RootView {
  readonly subject: string
  readonly fingerprint: string
  readonly notAfter: number
  /** Whether the CA that signs chains to it. */
  readonly active: boolean
}

/** How the limit of one operation of a PKI stands. */
export interface QuotaView {
  readonly operation: string
  readonly perSecond: number
  /** Calls that may be made at once. */
  readonly tokens: number
  /** Requests that wait for their turn. */
  readonly waiting: number
}

export interface IntermediateView {
  /** `namespace/name` */
  readonly certificate: string
  /** `kind namespace/name`, or `kind name` */
  readonly issuer: string
  readonly issuedAt: number
  /** Since when it carries its signer's root and its roots without interruption. */
  readonly carriedSince: number
  /** Of the intermediate; known once its request was read. */
  readonly notBefore?: number
  readonly notAfter?: number
  /** By cert-manager's default: two thirds into its life. */
  readonly renewalAt?: number
  /** Fingerprint of the root that its signer chains to. */
  readonly signerRoot: string
  /** Fingerprints of the roots in its ca.crt. */
  readonly roots: readonly string[]
}

export interface RequestsView {
  readonly counts: readonly RequestCounts[]
  /** The oldest first. */
  readonly inFlight: readonly RequestView[]
}

export interface RequestCounts {
  readonly kind: string
  readonly states: Readonly<Record<'unapproved' | 'open' | 'denied' | 'settled' | 'elsewhere', number>>
}

export interface RequestView {
  readonly kind: string
  /** `namespace/name`, or `name` */
  readonly request: string
  /** As in `IntermediateView`. */
  readonly issuer: string
  readonly approvedAt: number
  /** Why it waits, in words. */
  readonly message: string
}

export interface FailureView {
  readonly at: number
  /** What failed: `CertificateRequest team-a/x-1`. */
  readonly subject: string
  readonly reason: string
  readonly message: string
  /** How often it was said of this subject, one after the other. */
  readonly times: number
}
