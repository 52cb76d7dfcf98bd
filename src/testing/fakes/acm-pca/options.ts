/** CertificateAuthorityStatus of the service model. */
export type AuthorityStatus =
  | 'CREATING'
  | 'PENDING_CERTIFICATE'
  | 'ACTIVE'
  | 'DISABLED'
  | 'EXPIRED'
  | 'FAILED'
  | 'DELETED'

export type UsageMode = 'GENERAL_PURPOSE' | 'SHORT_LIVED_CERTIFICATE'

/** What an identity may do. Names may end in `*`. */
export interface Permission {
  /** 'IssueCertificate', 'sts:AssumeRole', '*'. */
  readonly actions: readonly string[]
  /** ARNs of CAs or roles; all when left out. */
  readonly resources?: readonly string[]
  /** 'EndEntityCertificate/V1'; all when left out. */
  readonly templates?: readonly string[]
}

/** A CA shared with another account through RAM. */
export interface Share {
  /** 12 digits. */
  readonly account: string
  /** The name of a managed permission, or what a customer managed one says. */
  readonly permission: string | Permission
}

export interface AuthorityOptions {
  /** Partition, region and owner are read from it. */
  readonly arn: string
  readonly certificatePem: string
  /** PKCS#8 */
  readonly privateKeyPem: string
  /** From the issuer to the root, without the CA itself; none for a root. */
  readonly chainPem?: string
  /** ACTIVE by default, and EXPIRED by itself once its certificate has ended. */
  readonly status?: AuthorityStatus
  readonly usageMode?: UsageMode
  readonly shares?: readonly Share[]
  /** Where its CRL lies, if it keeps one: becomes an extension of what it issues. */
  readonly crlUrl?: string
  /** Certificates that it may issue; a million by default. */
  readonly certificateQuota?: number
}

export interface CredentialOptions {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** Epoch milliseconds; never by default. */
  readonly expiresAt?: number
  /** Of the user or of the assumed role. */
  readonly arn: string
  /** Whose permissions count: the ARN of the user (default) or of the role behind a session. */
  readonly identity?: string
  /** Everything by default. */
  readonly permissions?: readonly Permission[]
}

export interface Trust {
  /** ARNs of users and roles, account numbers, or '*'; all by default. */
  readonly principals?: readonly string[]
  readonly externalId?: string
  readonly sessionName?: string
  /** Tags that a session must carry. */
  readonly tags?: Readonly<Record<string, string>>
  /** Who may come with a token; nobody by default. */
  readonly webIdentity?: WebIdentityTrust
}

export interface WebIdentityTrust {
  readonly issuer?: string
  /** 'sts.amazonaws.com' by default. */
  readonly audience?: string
  /** 'system:serviceaccount:NAMESPACE:NAME'; all by default. */
  readonly subjects?: readonly string[]
}

export interface RoleOptions {
  /** 'arn:aws:iam::111122223333:role/mesh-ca'. */
  readonly arn: string
  readonly trust?: Trust
  /** 3600 by default, as in IAM. */
  readonly maxSessionSeconds?: number
  /** Everything by default. */
  readonly permissions?: readonly Permission[]
}

/** What can be written as JSON: all that a process of its own is started with. */
export interface AcmPcaConfig {
  readonly authorities: readonly AuthorityOptions[]
  readonly credentials?: readonly CredentialOptions[]
  readonly roles?: readonly RoleOptions[]
  /** The one region that the endpoint stands for; by default whichever the caller signs for. */
  readonly region?: string
  /** Calls per second, by operation; no limit where none is named. */
  readonly quotas?: Readonly<Record<string, number>>
  /** From IssueCertificate until GetCertificate has it. */
  readonly issueDelayMs?: number
  /** What a token with another CSR does, which AWS does not document: the first certificate (default) or a new one. */
  readonly tokenCollision?: 'first' | 'mint'
  /** Whether the PEM of answers ends with a newline; it does by default. */
  readonly finalNewline?: boolean
  /** 0 by default: a free one. */
  readonly port?: number
}

/** The claims of a web identity token. */
export type Claims = Readonly<Record<string, unknown>>

export interface AcmPcaOptions extends AcmPcaConfig {
  /** The clock of the service, in epoch milliseconds. */
  readonly now: () => number
  /** Octets for serial numbers and session keys. */
  readonly random?: (octets: number) => Uint8Array
  /** A timer, for latency; returns what stops it. */
  readonly after?: (ms: number, act: () => void) => () => void
  /** Also asked about a web identity token. @returns why it is refused, if it is */
  readonly checkWebIdentity?: (claims: Claims, role: string) => string | undefined
}
