import type { Issuer } from '../api/issuer.ts'
import type { CarriedCA } from '../issuance/request-record.ts'
import type { HealthReport } from '../ops/health.ts'
import type { IssuerView, Overview } from '../server/overview.ts'
import type { Acting } from './status-acting.ts'
import type { FailureLog } from './status-failures.ts'
import { issuerView } from './status-issuers.ts'
import { intermediateViews, type RequestCaches, requestsView } from './status-requests.ts'

/** Where the overview looks; nothing of it is kept for the page alone but the last failures. */
export interface OverviewSources {
  readonly identity: string
  /** Name of the Lease that whoever acts holds. */
  readonly lease: string
  /** None: the whole cluster. */
  readonly namespaces: readonly string[]
  readonly caches: RequestCaches & {
    readonly issuers: { readonly entries: () => Iterable<readonly [string, Issuer]> }
    readonly clusterIssuers: { readonly entries: () => Iterable<readonly [string, Issuer]> }
  }
  readonly carriedByCertificate: (certificate: string) => CarriedCA | undefined
  readonly ready: () => HealthReport
  readonly mayAct: () => boolean
  readonly acting: Acting
  readonly failures: FailureLog
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Everything the status page shows, as it is now. */
export function overviewOf(sources: OverviewSources): Overview {
  const { caches, failures, now } = sources
  const seen = requestsView(caches, failures.list())
  const carried = [...seen.certificates].flatMap((certificate) => sources.carriedByCertificate(certificate) ?? [])
  return {
    at: now(),
    process: processView(sources),
    issuers: issuerViews(sources),
    intermediates: intermediateViews(carried),
    requests: seen.requests,
    failures: failures.list(),
  }
}

function processView({ identity, lease, namespaces, ready, mayAct, acting }: OverviewSources): Overview['process'] {
  const { ok, text } = ready()
  const common = { identity, namespaces, problems: ok ? [] : text.trimEnd().split('\n') }
  if (acting.view !== undefined) return { ...common, role: 'acting', clusterId: acting.view.clusterId }
  return mayAct() || !ok ? { ...common, role: 'starting' } : { ...common, role: 'standing by', lease }
}

const ATTENTION: readonly IssuerView['state'][] = ['not ready', 'unchecked', 'held', 'ready']

function issuerViews({ caches, acting, now }: OverviewSources): readonly IssuerView[] {
  const view = (issuer: Issuer, key: string): IssuerView =>
    issuerView({
      issuer,
      authority: acting.view?.authority(key),
      quotas: acting.view?.quotas(key) ?? [],
      now: now(),
    })
  const views = [
    ...[...caches.issuers.entries()].map(([key, issuer]) => view(issuer, `MeshCAIssuer/${key}`)),
    ...[...caches.clusterIssuers.entries()].map(([key, issuer]) => view(issuer, `MeshCAClusterIssuer//${key}`)),
  ]
  return views
    .map((one) => ({ one, state: ATTENTION.indexOf(one.state), problems: one.problems.length, end: soonestEnd(one) }))
    .sort((a, b) => a.state - b.state || b.problems - a.problems || a.end - b.end || (a.one.name < b.one.name ? -1 : 1))
    .map(({ one }) => one)
}

function soonestEnd({ chain }: IssuerView): number {
  return Math.min(Number.MAX_SAFE_INTEGER, ...chain.map(({ notAfter = Number.MAX_SAFE_INTEGER }) => notAfter))
}
