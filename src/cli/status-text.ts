import { CLUSTER_ISSUER_KIND } from '../api/names.ts'
import { formatTime } from '../api/time.ts'
import type { CertificateRow, ClusterStatus, IssuerRow } from '../doctor/status.ts'
import { type Column, minute, table, wrap } from './text.ts'

const ISSUERS: readonly Column[] = [
  { title: 'CLUSTER', most: 20 },
  { title: 'ISSUER', most: 36 },
  { title: 'READY', most: 7 },
  { title: 'BACKEND', most: 12 },
  { title: 'AUTHORITY ENDS', most: 16 },
  { title: 'ROOT', most: 16 },
]

const CERTIFICATES: readonly Column[] = [
  { title: 'CLUSTER', most: 20 },
  { title: 'CERTIFICATE', most: 36 },
  { title: 'ISSUER', most: 20 },
  { title: 'READY', most: 5 },
  { title: 'ENDS', most: 16 },
  { title: 'RENEWS', most: 16 },
]

/** What `status` prints for people: times are UTC, a root is the first 16 digits of its SHA-256. */
export function statusText(clusters: readonly ClusterStatus[]): string {
  const issuers = clusters.flatMap(({ cluster, issuers }) => issuers.map((row) => issuerCells(cluster, row)))
  const certificates = clusters.flatMap(({ cluster, certificates }) =>
    certificates.map((row) => certificateCells(cluster, row)),
  )
  const seen = clusters.some(({ gaps }) => gaps.length > 0) ? ' that could be read' : ''
  return [
    issuers.length === 0 ? `no issuers${seen}\n` : table(ISSUERS, issuers),
    certificates.length === 0 ? `\nno Certificates${seen}\n` : `\n${table(CERTIFICATES, certificates)}`,
    ...clusters.flatMap(remarks),
  ].join('')
}

function issuerCells(cluster: string, row: IssuerRow): readonly string[] {
  const { ready, backend, authorityEnds, root } = row
  return [cluster, titleOf(row), ready, backend ?? '', minuteOf(authorityEnds), root?.slice(0, 16) ?? '']
}

function certificateCells(cluster: string, row: CertificateRow): readonly string[] {
  const { namespace, name, issuer, ready, ends, renews } = row
  const signer = issuer.kind === CLUSTER_ISSUER_KIND ? `${issuer.name} (cluster)` : issuer.name
  return [cluster, `${namespace}/${name}`, signer, ready ? 'True' : 'False', minuteOf(ends), minuteOf(renews)]
}

function titleOf({ namespace, name }: IssuerRow): string {
  return namespace === undefined ? `${name} (cluster)` : `${namespace}/${name}`
}

function minuteOf(instant: number | undefined): string {
  return instant === undefined ? '' : minute(instant)
}

/** Why something is not ready, and what could not be read. */
function remarks({ cluster, issuers, gaps }: ClusterStatus): readonly string[] {
  const unready = issuers
    .filter(({ ready }) => ready !== 'True')
    .map((row) => `${cluster}, ${titleOf(row)}: ${row.message ?? 'no controller has checked it'}`)
  const missing = gaps.map((one) => `${cluster}: ${one}`)
  return [...unready, ...missing].map((text) => `\n${wrap(text, '')}`)
}

/** The same for programs: fingerprints whole, instants RFC 3339, null for what is not known. */
export function statusJson(clusters: readonly ClusterStatus[]): unknown {
  return {
    clusters: clusters.map(({ cluster, issuers, certificates, gaps }) => ({
      cluster,
      issuers: issuers.map(({ authorityEnds, ...row }) => ({
        kind: row.kind,
        namespace: row.namespace ?? null,
        name: row.name,
        ready: row.ready,
        reason: row.reason ?? null,
        message: row.message ?? null,
        backend: row.backend ?? null,
        authorityEnds: timeOf(authorityEnds),
        root: row.root ?? null,
        bundle: row.bundle ?? null,
      })),
      certificates: certificates.map(({ ends, renews, ...row }) => ({
        ...row,
        ends: timeOf(ends),
        renews: timeOf(renews),
      })),
      gaps,
    })),
  }
}

function timeOf(instant: number | undefined): string | null {
  return instant === undefined ? null : formatTime(instant)
}
