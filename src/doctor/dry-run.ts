import type { Issuer, IssuerSpec } from '../api/issuer.ts'
import type { SigningRequest } from '../backends/backend.ts'
import { readCarriedStatus } from '../issuance/carried-status.ts'
import { type Decision, decide } from '../issuance/decide.ts'
import type { Health } from '../issuance/issuer-health.ts'
import { titleOf } from './issuer-findings.ts'

export interface DryRunFacts {
  readonly issuer: Issuer
  readonly health: Health
  /** PEM, of a key that nobody keeps. */
  readonly csr: string
  /** Of the Certificate that is imagined. */
  readonly namespace: string
  /** Undefined where they could not be read. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** What would become of a first Certificate that leaves everything to the issuer, requested by cert-manager. */
export function dryRun({ issuer, health, csr, namespace, namespaceLabels, now }: DryRunFacts): Decision {
  const { spec } = issuer
  return decide({
    request: {
      form: 'CertificateRequest',
      uid: 'dry-run',
      namespace,
      requester: 'system:serviceaccount:cert-manager:cert-manager',
      approvedAt: now,
      csr,
      isCA: spec.profile !== 'EndEntity',
      usages: [],
      duration: undefined,
      pathLengthWish: undefined,
    },
    issuerTitle: titleOf(issuer),
    issuer: { clusterScoped: issuer.kind === 'MeshCAClusterIssuer', spec, readiness: health.readiness },
    namespaceLabels,
    own: undefined,
    others: readCarriedStatus(issuer),
    clusterId: 'dry-run',
    ticket: undefined,
    knownCsr: undefined,
    base: Math.floor(now / 1000) * 1000,
    now,
  })
}

/** What the PKI would be asked, in its own words: a test holds the templates against the back end's. */
export function signingWay(spec: IssuerSpec, { isCA, pathLength = 0, nameConstraints }: SigningRequest): string {
  const { awsPrivateCA, vault, ca } = spec
  if (awsPrivateCA !== undefined) {
    const variety = nameConstraints === undefined ? '' : '_APIPassthrough'
    const chosen = isCA
      ? `SubordinateCACertificate_PathLen${pathLength}${variety}/V1`
      : 'EndEntityCertificate/V1, or what its usages need'
    return `acm-pca:IssueCertificate with template ${awsPrivateCA.templateName ?? chosen} on ${awsPrivateCA.arn}`
  }
  if (vault !== undefined) {
    const place = vault.namespace === undefined ? '' : ` in namespace ${vault.namespace}`
    const verb = isCA ? 'sign-intermediate' : `sign-verbatim/${vault.role ?? '(no role)'}`
    return `POST ${vault.mount}/issuer/${vault.issuerRef}/${verb}${place}`
  }
  return `the key in Secret ${ca?.secretRef.name ?? '(none)'}, in the controller itself`
}
