import { CERTIFICATE_REQUEST_KIND, KUBERNETES_CSR_KIND } from '../api/names.ts'
import { optional } from '../api/read.ts'
import { type CarriedCA, issuerKey, type OpenRecord, type RequestRecord } from '../issuance/request-record.ts'
import type { FailureView, IntermediateView, RequestCounts, RequestsView, RequestView } from '../server/overview.ts'

/** The collections of requests, by key. */
export interface RequestCaches {
  readonly certificateRequests: { readonly entries: () => Iterable<readonly [string, RequestRecord]> }
  readonly kubernetesCsrs: { readonly entries: () => Iterable<readonly [string, RequestRecord]> }
}

export interface RequestsSeen {
  readonly requests: RequestsView
  /** `namespace/name` of every Certificate that has a request. */
  readonly certificates: ReadonlySet<string>
}

/** One walk over all requests. */
export function requestsView(caches: RequestCaches, failures: readonly FailureView[]): RequestsSeen {
  const said = new Map(failures.map(({ subject, message }) => [subject, message]))
  const certificates = new Set<string>()
  const inFlight: RequestView[] = []
  const count = (kind: string, entries: Iterable<readonly [string, RequestRecord]>): RequestCounts => {
    const states = { unapproved: 0, open: 0, denied: 0, settled: 0, elsewhere: 0 }
    for (const [key, record] of entries) {
      states[record.state] += 1
      if (record.certificate !== undefined) certificates.add(record.certificate)
      if (record.state === 'open') inFlight.push(requestView({ kind, key, record, said }))
    }
    return { kind, states }
  }
  const counts = [
    count(CERTIFICATE_REQUEST_KIND, caches.certificateRequests.entries()),
    count(KUBERNETES_CSR_KIND, caches.kubernetesCsrs.entries()),
  ]
  inFlight.sort((a, b) => a.approvedAt - b.approvedAt)
  return { requests: { counts, inFlight }, certificates }
}

interface OpenRequest {
  readonly kind: string
  readonly key: string
  readonly record: OpenRecord
  /** What was last said of a request that has no condition for it. */
  readonly said: ReadonlyMap<string, string>
}

function requestView({ kind, key, record, said }: OpenRequest): RequestView {
  return {
    kind,
    request: key,
    issuer: issuerTitle(issuerKey(record.issuer)),
    approvedAt: record.facts.approvedAt,
    message: record.ready?.message ?? said.get(`${kind} ${key}`) ?? 'it is in line to be signed',
  }
}

/** Of the part of its life that is over when cert-manager renews, unless the Certificate says otherwise. */
const RENEWED_AFTER = 2 / 3

/** The intermediates in use; those whose end is not known stand last. */
export function intermediateViews(carried: Iterable<CarriedCA>): readonly IntermediateView[] {
  const end = ({ notAfter = Number.POSITIVE_INFINITY }: IntermediateView): number => notAfter
  return [...carried].map(intermediateView).sort((a, b) => byNumber(end(a), end(b)) || byNumber(a.issuedAt, b.issuedAt))
}

function intermediateView({ certificate, issuer, issuedAt, since, pair, validity }: CarriedCA): IntermediateView {
  const { notBefore, notAfter } = validity ?? {}
  const renewalAt =
    notBefore === undefined || notAfter === undefined ? undefined : notBefore + (notAfter - notBefore) * RENEWED_AFTER
  return {
    certificate,
    issuer: issuerTitle(issuer),
    issuedAt,
    carriedSince: since,
    ...optional('notBefore', notBefore),
    ...optional('notAfter', notAfter),
    ...optional('renewalAt', renewalAt),
    signerRoot: pair.signerRoot,
    roots: pair.roots,
  }
}

/** `MeshCAIssuer team-a/mesh` of the key of an issuer, or `MeshCAClusterIssuer mesh`. */
export function issuerTitle(key: string): string {
  const [kind = '', namespace = '', name = ''] = key.split('/')
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

/** Works for infinity too, where a difference does not. */
function byNumber(a: number, b: number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
