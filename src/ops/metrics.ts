import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is asked at each scrape. */
export interface MetricsSources {
  /** Keys that wait to be worked on. */
  readonly queueDepth: () => number
  /** Seconds since the server was last heard of, the oldest of all reflectors. */
  readonly reflectorAgeSeconds: () => number
  readonly isLeader: () => boolean
}

export interface Metrics {
  /** One settled or postponed attempt; `outcome` is a reason of the Ready condition. */
  readonly attempt: (outcome: string, sinceApprovalMs: number) => void
  /** One call to a PKI; `backend` is the kind of back end, `outcome` one of a few words. */
  readonly signed: (backend: string, outcome: string, tookMs: number) => void
  /** Something between a back end and its PKI: `throttled`, `retried`, `login`, `stray`. */
  readonly incident: (backend: string, what: string) => void
  /** The text of /metrics, Prometheus exposition format. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

const ISSUANCE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const SIGN_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

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
  const issuance = new Histogram({
    name: 'meshca_issuance_seconds',
    help: 'From approval to the written certificate.',
    buckets: ISSUANCE_BUCKETS,
    registers,
  })
  const sign = new Histogram({
    name: 'meshca_sign_seconds',
    help: 'How long a PKI took to answer.',
    labelNames: ['backend', 'outcome'],
    buckets: SIGN_BUCKETS,
    registers,
  })
  const incidents = new Counter({
    name: 'meshca_pki_incidents_total',
    help: 'Throttled and repeated calls, logins, and certificates that nobody was given.',
    labelNames: ['backend', 'what'],
    registers,
  })
  for (const described of gauges(sources)) addGauge(registry, described)
  addCpuTime(registry)
  return {
    attempt: (outcome, sinceApprovalMs) => {
      attempts.inc({ outcome })
      if (outcome === 'Issued') issuance.observe(sinceApprovalMs / 1000)
    },
    signed: (backend, outcome, tookMs) => sign.observe({ backend, outcome }, tookMs / 1000),
    incident: (backend, what) => incidents.inc({ backend, what }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

interface DescribedGauge {
  readonly name: string
  readonly help: string
  readonly read: () => number
}

function gauges(sources: MetricsSources): readonly DescribedGauge[] {
  return [
    { name: 'meshca_queue_depth', help: 'Requests that wait to be worked on.', read: sources.queueDepth },
    {
      name: 'meshca_reflector_age_seconds',
      help: 'Since the API server was last heard of; a minute is normal.',
      read: sources.reflectorAgeSeconds,
    },
    { name: 'meshca_leader', help: '1 where this process acts.', read: () => Number(sources.isLeader()) },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory size in bytes.',
      read: () => process.memoryUsage.rss(),
    },
  ]
}

/** Node counts for us, so the counter is set anew at each scrape. */
function addCpuTime(registry: Registry): void {
  const made: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent in seconds.',
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage()
      made.reset()
      made.inc((user + system) / 1e6)
    },
  })
}

function addGauge(registry: Registry, { name, help, read }: DescribedGauge): void {
  const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) })
}
