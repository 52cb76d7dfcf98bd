import type { CertificateRequest } from '../api/certificate-request.ts'
import type { Issuer } from '../api/issuer.ts'
import type { IssuerKind } from '../api/names.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { Answer } from './answer.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import type { CrdFacts } from './crd.ts'
import type { SecretFacts } from './secret.ts'

/** What was read of one cluster. Everything by name where it has one; Secrets are istiod's own two. */
export interface ClusterFacts {
  /** Context of the kubeconfig. */
  readonly cluster: string
  /** The namespace of istiod. */
  readonly namespace: string
  /** Whether cert-manager's API is served. */
  readonly certManager: Answer<true>
  readonly crds: Readonly<Record<IssuerKind, Answer<CrdFacts>>>
  readonly approvals: readonly ApprovalFacts[]
  /** `system:serviceaccount:…`, whose right to approve was asked about. */
  readonly approver: string
  readonly issuers: Readonly<Record<IssuerKind, Answer<readonly Issuer[]>>>
  /** The right that is missing, where only the issuers of istiod's namespace could be listed. */
  readonly narrowed: string | undefined
  /** Those of the namespace. */
  readonly certificates: Answer<readonly CertificateFacts[]>
  readonly requests: Answer<readonly CertificateRequest[]>
  readonly cacerts: Answer<SecretFacts>
  /** The Secret of an istiod that made its own root; asked for only where cacerts does not explain what istiod publishes. */
  readonly selfSigned: Answer<SecretFacts> | undefined
  /** `root-cert.pem` of ConfigMap istio-ca-root-cert: what istiod gives out as roots. */
  readonly published: Answer<string>
  /** What istiod presents, its own certificate first; undefined where nobody asked. */
  readonly served: Answer<readonly Certificate[]> | undefined
}

/** Whether the approver may approve for a signer. */
export interface ApprovalFacts {
  readonly kind: IssuerKind
  /** `*`, or one issuer as `namespace.name` or `name`. */
  readonly name: string
  readonly allowed: Answer<boolean>
}

export interface DoctorOptions {
  /** The longest life of a workload's certificate, milliseconds. */
  readonly workloadTtlMs: number
  /** Epoch milliseconds. */
  readonly now: number
}
