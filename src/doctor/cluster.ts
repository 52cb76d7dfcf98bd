import type { Issuer } from '../api/issuer.ts'
import { GROUP } from '../api/names.ts'
import { meshNames } from '../issuance/authority.ts'
import type { MeshNames } from '../pki/trial.ts'
import { known } from './answer.ts'
import { type CacertsReport, judgeCacerts } from './cacerts.ts'
import type { CertificateFacts } from './certificate-facts.ts'
import { progressFindings } from './certificate-progress.ts'
import { CACERTS, issuerFor, settingsFindings, whereOf } from './certificate-settings.ts'
import type { ClusterFacts, DoctorOptions } from './facts.ts'
import { type Finding, finding, sortFindings } from './finding.ts'
import { installationFindings, unansweredFindings } from './installation.ts'
import { issuerFindings } from './issuer-findings.ts'
import { istiodFindings } from './istiod-findings.ts'
import { LOOK_AT_CONTEXT } from './words.ts'

/** What is to be said of one cluster. */
export interface ClusterReport {
  readonly cluster: string
  readonly namespace: string
  /** Undefined where the Secret could not be read. */
  readonly cacerts: CacertsReport | undefined
  /** The Certificate that writes it. */
  readonly certificate: CertificateFacts | undefined
  readonly issuers: readonly Issuer[]
  readonly findings: readonly Finding[]
}

/** Looks at everything that was read of a cluster. */
export function examineCluster(facts: ClusterFacts, options: DoctorOptions): ClusterReport {
  const { cluster, namespace, certManager } = facts
  const base = { cluster, namespace }
  if (certManager.state === 'failed') {
    const unreachable = finding('ClusterUnreachable', {
      where: cluster,
      what: certManager.message,
      remedy: LOOK_AT_CONTEXT,
    })
    return { ...base, cacerts: undefined, certificate: undefined, issuers: [], findings: [unreachable] }
  }
  const issuers = Object.values(facts.issuers).flatMap((answer) => known(answer) ?? [])
  const certificates = known(facts.certificates) ?? []
  const certificate = certificates.find(({ secretName }) => secretName === CACERTS)
  const issuer = certificate === undefined ? undefined : issuerFor(certificate, issuers)
  const secret = known(facts.cacerts)
  const cacerts =
    secret === undefined
      ? undefined
      : judgeCacerts({
          data: secret.data,
          withKey: true,
          where: `Secret ${namespace}/${CACERTS}`,
          mesh: meshOf(issuer, namespace),
          ...options,
        })
  const findings = [
    ...installationFindings(facts),
    ...issuers.flatMap(issuerFindings),
    ...certificateFindings(facts, issuers, options),
    ...istiodFindings(facts, cacerts),
    ...(cacerts?.findings ?? []),
    ...unansweredFindings(facts),
  ]
  return { ...base, cacerts, certificate, issuers, findings: sortFindings(findings) }
}

/** The names that the issuer's owner knows; otherwise Istio's standard ones. */
function meshOf(issuer: Issuer | undefined, namespace: string): MeshNames {
  if (issuer !== undefined) return { ...meshNames(issuer.spec), namespace }
  return { trustDomain: 'cluster.local', namespace, revisions: [], extraDNSNames: [] }
}

function certificateFindings(
  facts: ClusterFacts,
  issuers: readonly Issuer[],
  options: DoctorOptions,
): readonly Finding[] {
  const certificates = known(facts.certificates)
  if (certificates === undefined) return []
  const writers = certificates.filter(({ secretName }) => secretName === CACERTS)
  const ours = certificates.filter((one) => writers.includes(one) || one.issuerRef.group === GROUP)
  const listed = Object.values(facts.issuers).every((answer) => answer.state === 'read') ? issuers : undefined
  const settings = { issuers: listed, namespace: facts.namespace, workloadTtlMs: options.workloadTtlMs }
  const requests = known(facts.requests) ?? []
  return [
    ...writerFindings(facts.namespace, certificates, writers),
    ...ours.filter((one) => one.isCA || writers.includes(one)).flatMap((one) => settingsFindings(one, settings)),
    ...ours.flatMap((one) => progressFindings(one, { requests, issuer: issuerFor(one, issuers), now: options.now })),
  ]
}

function writerFindings(
  namespace: string,
  certificates: readonly CertificateFacts[],
  writers: readonly CertificateFacts[],
): readonly Finding[] {
  if (writers.length > 1) {
    return [
      finding('SecretShared', {
        where: `Secret ${namespace}/${CACERTS}`,
        what: `${writers.map(({ name }) => name).join(' and ')} both write it, and cert-manager stops both`,
        remedy: 'keep one Certificate with this secretName',
      }),
    ]
  }
  if (writers.length === 1) return []
  const [other] = certificates.filter(({ isCA, issuerRef }) => isCA && issuerRef.group === GROUP)
  if (other !== undefined) {
    return [
      finding('SecretNameOther', {
        where: `${whereOf(other)}, spec.secretName`,
        what: `it writes the Secret ${other.secretName}, and istiod reads the Secret ${CACERTS} only`,
        remedy: `set secretName: ${CACERTS}; where this CA is for something else, add a Certificate for istiod`,
      }),
    ]
  }
  return [
    finding('CertificateMissing', {
      where: `namespace ${namespace}`,
      what: `no Certificate writes the Secret ${CACERTS}, so nothing renews istiod's CA`,
      remedy: 'apply one (config/samples/istiod-certificate.yaml)',
    }),
  ]
}
