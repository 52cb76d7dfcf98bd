import { formatTime } from '../api/time.ts'
import type { ClusterReport } from '../doctor/cluster.ts'
import type { Finding } from '../doctor/finding.ts'
import { isReady } from '../doctor/issuer-findings.ts'
import { count, span } from '../doctor/words.ts'
import { certificateJson, shortPrint } from './certificate-text.ts'
import { findingsText, labelled, minute, summary } from './text.ts'

export interface DoctorReport {
  readonly clusters: readonly ClusterReport[]
  /** What concerns more than one cluster. */
  readonly fleet: readonly Finding[]
  /** Epoch milliseconds. */
  readonly now: number
}

export function allFindings({ clusters, fleet }: DoctorReport): readonly Finding[] {
  return [...clusters.flatMap(({ findings }) => findings), ...fleet]
}

/** What `doctor` prints for people. */
export function doctorText(report: DoctorReport): string {
  const { clusters, fleet, now } = report
  const parts = clusters.map((cluster) => clusterText(cluster, now))
  if (clusters.length > 1) {
    const together = fleet.length === 0 ? labelled('roots', trusting(clusters)) : findingsText(fleet)
    parts.push(`All clusters together\n${together}`)
  }
  return clusters.length > 1 ? `${parts.join('\n')}\n${summary(allFindings(report))}\n` : parts.join('')
}

function trusting(clusters: readonly ClusterReport[]): string {
  const seen = clusters.filter(({ cacerts }) => cacerts?.root !== undefined).length
  return seen === clusters.length
    ? 'every cluster trusts every other'
    : `only known of ${seen} of ${clusters.length} clusters`
}

function clusterText(
  { cluster, namespace, cacerts, certificate, issuers, findings }: ClusterReport,
  now: number,
): string {
  const ready = issuers.filter(isReady).length
  const rows = [
    ...authorityRows(cacerts, now),
    ...(certificate === undefined
      ? []
      : [labelled('Certificate', `${certificate.name}, ${renewal(certificate.renewalTime)}`)]),
    ...(issuers.length === 0 ? [] : [labelled('issuers', `${ready} of ${issuers.length} ready`)]),
  ]
  return `${cluster}, namespace ${namespace}: ${summary(findings)}\n${rows.join('')}${findingsText(findings)}`
}

function authorityRows(cacerts: ClusterReport['cacerts'], now: number): readonly string[] {
  const { certificate, root, roots } = cacerts ?? {}
  if (certificate === undefined) return []
  const left = certificate.notAfter > now ? `in ${span(certificate.notAfter - now)}` : 'in the past'
  const more = (roots?.length ?? 0) > 1 ? `, and ${count((roots?.length ?? 0) - 1, 'other root')}` : ''
  return [
    labelled("istiod's CA", `${certificate.subject.text}, ends ${minute(certificate.notAfter)} (${left})`),
    ...(root === undefined ? [] : [labelled('root', `${root.subject.text}, ${shortPrint(root)}${more}`)]),
  ]
}

function renewal(time: number | undefined): string {
  return time === undefined ? 'no renewal known' : `next renewal ${minute(time)}`
}

/** The same for programs. What is not known is null; instants are RFC 3339. */
export function doctorJson({ clusters, fleet }: DoctorReport): unknown {
  return { clusters: clusters.map(clusterJson), fleet: { findings: fleet } }
}

function clusterJson({ cluster, namespace, cacerts, certificate, issuers, findings }: ClusterReport) {
  const { certificate: authority, root, roots = [] } = cacerts ?? {}
  return {
    cluster,
    namespace,
    authority: authority === undefined ? null : certificateJson(authority),
    root: root === undefined ? null : certificateJson(root),
    trusted: roots.map(certificateJson),
    certificate:
      certificate === undefined
        ? null
        : {
            name: certificate.name,
            ready: certificate.ready?.status === 'True',
            renewalTime: certificate.renewalTime === undefined ? null : formatTime(certificate.renewalTime),
          },
    issuers: { total: issuers.length, ready: issuers.filter(isReady).length },
    findings,
  }
}
