import type { IssuerGauges, Observed } from '../ops/scraped-gauges.ts'
import type { IssuerView, Overview } from '../server/overview.ts'

/** What the status page shows, as numbers for /metrics. */
export function observedOf({ at, requests, issuers, intermediates }: Overview): Observed {
  const oldest = (kind: string): number => {
    const first = requests.inFlight.find((request) => request.kind === kind)
    return first === undefined ? 0 : Math.max(0, at - first.approvedAt)
  }
  return {
    requests: requests.counts.map(({ kind, states }) => ({ kind, states, oldestOpenMs: oldest(kind) })),
    issuers: issuers.map(issuerGauges),
    intermediates: intermediates.map(({ certificate, notAfter, renewalAt }) => ({ certificate, notAfter, renewalAt })),
  }
}

/** Of the chain below its root; of the root where that signs. */
function endingFirst(chain: IssuerView['chain']): IssuerGauges['authority'] {
  return chain
    .flatMap(({ role, notBefore, notAfter }) =>
      role === 'root' || notAfter === undefined ? [] : [{ notBefore, notAfter }],
    )
    .sort((a, b) => a.notAfter - b.notAfter)[0]
}

function issuerGauges({ kind, namespace, name, state, ...shown }: IssuerView): IssuerGauges {
  const { chain, trustBundle, defaultDurationMs, quotas } = shown
  const root = trustBundle?.roots.find(({ active }) => active)
  const additional = (trustBundle?.roots ?? []).flatMap(({ active, notAfter }) => (active ? [] : [notAfter]))
  return {
    kind,
    issuer: namespace === undefined ? name : `${namespace}/${name}`,
    ready: state === 'ready' || state === 'held',
    defaultDurationMs,
    authority: endingFirst(chain),
    rootNotAfter: root?.notAfter,
    additionalRootNotAfter: additional.length === 0 ? undefined : Math.min(...additional),
    bundle: trustBundle === undefined ? undefined : { sha256: trustBundle.sha256, root: root?.fingerprint ?? '' },
    quotas,
  }
}
