/** `problem`: the mesh is broken, or will be without a change. `warning`: it works, and something will hurt or was not looked at. */
export type Severity = 'problem' | 'warning'

/** Every finding there is. docs/troubleshooting.md has a section for each. */
export const FINDINGS = {
  // The cluster, and what is installed there.
  ClusterUnreachable: 'problem',
  RightMissing: 'warning',
  QuestionFailed: 'warning',
  CertManagerMissing: 'problem',
  ApprovalForbidden: 'problem',
  CRDMissing: 'problem',
  CRDOutdated: 'problem',
  // Issuers.
  IssuerUnchecked: 'problem',
  IssuerNotReady: 'problem',
  TrustChangeHeld: 'warning',
  // The Certificate of istiod's CA.
  CertificateMissing: 'warning',
  SecretShared: 'problem',
  SecretNameOther: 'problem',
  IssuerRefWrong: 'problem',
  IssuerNotFound: 'problem',
  IssuerOther: 'warning',
  MeshNamespaceOther: 'warning',
  IsCAMissing: 'problem',
  CertSignMissing: 'warning',
  ExtendedUsages: 'problem',
  TemporaryCertificate: 'problem',
  DurationTooShort: 'problem',
  RenewsTooLate: 'problem',
  RenewsTooOften: 'warning',
  KeyNeverChanges: 'warning',
  AuthorityEndsFirst: 'warning',
  CertificateFailing: 'problem',
  RequestUnapproved: 'problem',
  RequestWaiting: 'problem',
  RenewalOverdue: 'problem',
  CertificateNotReady: 'problem',
  // istiod, and the Secret that it reads.
  CacertsMissing: 'problem',
  SecretTypeOther: 'warning',
  IstiodSelfSigned: 'problem',
  IstiodRootsDiffer: 'problem',
  IstiodRootBytesDiffer: 'problem',
  IstiodRootsUnknown: 'warning',
  IstiodServesOther: 'problem',
  IstiodUnreachable: 'problem',
  // The fleet.
  RootsDiffer: 'problem',
  RootSetsDiffer: 'warning',
  // What the Secret of istiod's CA holds.
  CacertsIncomplete: 'problem',
  CacertsMixedKeys: 'warning',
  PemUnreadable: 'problem',
  NewlineMissing: 'problem',
  PrivateKeyPublished: 'problem',
  KeyUnreadable: 'problem',
  KeyMismatch: 'problem',
  NotACA: 'problem',
  ChainBroken: 'problem',
  RootNotSelfSigned: 'problem',
  CertificateExpired: 'problem',
  CertificateNotYetValid: 'problem',
  ChainUnusable: 'problem',
  WorkloadRefused: 'problem',
  IstiodRefused: 'problem',
  AnchorNotRoot: 'warning',
  IdentifierMissing: 'warning',
  RootNamesCollide: 'warning',
  RootOutOfDate: 'warning',
  ChainEndsFirst: 'warning',
  CAEndsSoon: 'warning',
  KeyKindUnusual: 'warning',
  ZtunnelRefuses: 'warning',
  SelfSignedCA: 'warning',
} as const satisfies Readonly<Record<string, Severity>>

export type FindingCode = keyof typeof FINDINGS

/** One thing that is wrong, for a person: what, where, and what to do about it. Never with a secret. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** A sentence without its full stop. */
  readonly what: string
  /** The object and, where it helps, the member of it: `Secret istio-system/cacerts, tls.crt`. */
  readonly where: string
  readonly remedy: string
}

export function finding(code: FindingCode, words: Pick<Finding, 'what' | 'where' | 'remedy'>): Finding {
  return { code, severity: FINDINGS[code], ...words }
}

/** Problems first, otherwise in the order in which they were found. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const of = (severity: Severity): readonly Finding[] => findings.filter((one) => one.severity === severity)
  return [...of('problem'), ...of('warning')]
}
