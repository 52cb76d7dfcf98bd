import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority, Ticket } from '../backends/backend.ts'
import type { CertificationRequest } from '../pki/csr.ts'
import type { TrustBundle } from '../trust/bundle.ts'
import type { Carried } from '../trust/rollout.ts'

/** What counts of an approved, unsettled request, whichever of the two kinds it is. */
export interface RequestFacts {
  readonly form: 'CertificateRequest' | 'CertificateSigningRequest'
  readonly uid: string
  /** Where it belongs: its namespace, or that of the ServiceAccount that made a Kubernetes CSR. */
  readonly namespace: string | undefined
  /** `spec.username`, immutable and set by admission; undefined where no webhook filled it. */
  readonly requester: string | undefined
  /** The Approved condition's lastTransitionTime, epoch milliseconds. */
  readonly approvedAt: number
  /** PEM. */
  readonly csr: string
  readonly isCA: boolean
  readonly usages: readonly string[]
  /** A Go duration, as written; undefined where none was asked for. */
  readonly duration: string | undefined
  /** The annotation `meshca.dev/path-length`, as written: a wish. */
  readonly pathLengthWish: string | undefined
}

/** What counts of an issuer: its spec, and what the last check of exactly this spec found. */
export interface IssuerFacts {
  readonly clusterScoped: boolean
  readonly spec: IssuerSpec
  readonly readiness: Readiness
}

export type Readiness =
  | { readonly ready: true; readonly authority: Authority; readonly bundle: TrustBundle }
  | { readonly ready: false; readonly message: string }

export interface Facts {
  readonly request: RequestFacts
  /** `MeshCAIssuer team-a/mesh`, for messages. */
  readonly issuerTitle: string
  readonly issuer: IssuerFacts | undefined
  /** Labels of the request's namespace; undefined where it is not known (yet). */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  /** What the request's Certificate carries now; undefined for a first issuance. */
  readonly own: Carried | undefined
  /** What the Certificates of the issuer carry. */
  readonly others: Iterable<Carried>
  readonly clusterId: string
  /** Where an earlier attempt at the request stands. */
  readonly ticket: Ticket | undefined
  /** The CSR that a PKI has taken, as it was read and verified then. */
  readonly knownCsr: CertificationRequest | undefined
  /** See `baseTime`. */
  readonly base: number
  readonly now: number
}
