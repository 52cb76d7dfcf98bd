import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { boundedReasons, LABEL_VALUES, oneOf } from './labels.ts'
import { METRICS, type MetricDescription } from './metric-table.ts'
import { fillGauges, type GaugeSources } from './scraped-gauges.ts'

/** One settled or postponed attempt. */
export interface Attempt {
  /** Undefined where the issuer is not known. */
  readonly backend: string | undefined
  readonly kind: string
  /** A reason of the Ready condition. */
  readonly outcome: string
  /** The reason of the event. */
  readonly reason: string
  readonly sinceApprovalMs: number
}

export interface Metrics {
  readonly attempt: (attempt: Attempt) => void
  /** One call to a PKI; `outcome` is `issued`, `pending`, `failed`, or the code of what was refused. */
  readonly signed: (backend: string, outcome: string, tookMs: number) => void
  /** Something between a back end and its PKI: `throttled`, `retried`, `login`, `stray`. */
  readonly incident: (backend: string, what: string) => void
  /** The text of /metrics, Prometheus exposition format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/** Makes the metrics in a registry of their own. However many issuers and reasons there are, their series are bounded. */
export function makeMetrics(sources: GaugeSources): Metrics {
  const registry = new Registry()
  const make = makers(registry)
  const [requests, refusals] = [make.counter(METRICS.requests), make.counter(METRICS.refusals)]
  const [issuance, sign] = [make.histogram(METRICS.issuance), make.histogram(METRICS.sign)]
  const [pkiErrors, incidents] = [make.counter(METRICS.pkiErrors), make.counter(METRICS.incidents)]
  // A counter that appears with its first stray would show no increase.
  for (const backend of LABEL_VALUES.backend) for (const what of LABEL_VALUES.what) incidents.inc({ backend, what }, 0)
  const fill = fillGauges(make.gauge)
  addProcess(make)
  const [refusalReason, pkiReason] = [boundedReasons(), boundedReasons()]
  return {
    attempt: ({ outcome, reason, sinceApprovalMs, ...attempt }) => {
      const backend = oneOf(LABEL_VALUES.backend, attempt.backend ?? '')
      const kind = oneOf(LABEL_VALUES.kind, attempt.kind)
      requests.inc({ backend, kind, outcome: oneOf(LABEL_VALUES.outcome, outcome) })
      if (outcome === 'Issued') issuance.observe({ backend, kind }, sinceApprovalMs / 1000)
      else refusals.inc({ reason: refusalReason(reason) })
    },
    signed: (name, outcome, tookMs) => {
      const backend = oneOf(LABEL_VALUES.backend, name)
      const known = LABEL_VALUES.signed.some((word) => word === outcome)
      sign.observe({ backend, outcome: known ? outcome : 'refused' }, tookMs / 1000)
      if (outcome !== 'issued' && outcome !== 'pending') pkiErrors.inc({ backend, reason: pkiReason(outcome) })
    },
    incident: (backend, what) =>
      incidents.inc({ backend: oneOf(LABEL_VALUES.backend, backend), what: oneOf(LABEL_VALUES.what, what) }),
    text: () => {
      fill(sources)
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

interface Makers {
  readonly counter: (described: MetricDescription, collect?: (made: Counter) => void) => Counter
  readonly gauge: (described: MetricDescription) => Gauge
  readonly histogram: (described: MetricDescription) => Histogram
}

function makers(registry: Registry): Makers {
  const common = ({ name, help, labels }: MetricDescription) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter: (described, collect) => {
      const made: Counter = new Counter({
        ...common(described),
        ...(collect !== undefined && { collect: () => collect(made) }),
      })
      return made
    },
    gauge: (described) => new Gauge(common(described)),
    histogram: (described) => new Histogram({ ...common(described), buckets: [...(described.buckets ?? [])] }),
  }
}

function addProcess({ counter }: Makers): void {
  // Node counts for us, so the counter is set anew at each scrape.
  counter(METRICS.cpu, (made) => {
    const { user, system } = process.cpuUsage()
    made.reset()
    made.inc((user + system) / 1e6)
  })
}
