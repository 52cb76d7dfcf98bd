import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricsSources {
  readonly queueDepth: () => number
  /** Seconds since the server was last heard of, the oldest of all reflectors. */
  readonly reflectorAgeSeconds: () => number
  readonly isLeader: () => boolean
}

export interface Metrics {
  /** One settled or postponed attempt; `outcome` is a reason of the Ready condition. */
  readonly attempt: (outcome: string, sinceApprovalMs: number) => void
  /** The text of /metrics, Prometheus exposition format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

const LATENCY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Makes the metrics in a registry of their own. No label carries a name that a tenant chooses, so cardinality is bounded. */
export function makeMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const attempts = new Counter({
    name: 'meshca_requests_total',
    help: 'Attempts by what became of them.',
    labelNames: ['outcome'],
    registers,
  })
  const latency = new Histogram({
    name: 'meshca_issuance_seconds',
    help: 'From approval to the written certificate.',
    buckets: LATENCY_BUCKETS,
    registers,
  })
  gauge(registry, { name: 'meshca_queue_depth', help: 'Requests that wait to be looked at.' }, sources.queueDepth)
  gauge(
    registry,
    { name: 'meshca_reflector_age_seconds', help: 'Since the API server was last heard of.' },
    sources.reflectorAgeSeconds,
  )
  gauge(registry, { name: 'meshca_leader', help: '1 where this process acts.' }, () => Number(sources.isLeader()))
  return {
    attempt: (outcome, sinceApprovalMs) => {
      attempts.inc({ outcome })
      if (outcome === 'Issued') latency.observe(sinceApprovalMs / 1000)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

interface Described {
  readonly name: string
  readonly help: string
}

function gauge(registry: Registry, { name, help }: Described, read: () => number): void {
  const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) })
}
