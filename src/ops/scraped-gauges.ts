import type { Gauge } from 'prom-client'
import { LABEL_VALUES, oneOf } from './labels.ts'
import { METRICS, type MetricDescription } from './metric-table.ts'

/** What is asked at each scrape, and costs nothing in between. */
export interface GaugeSources {
  /** Keys that wait to be worked on, by the name of the queue. */
  readonly queueDepths: () => Readonly<Record<string, number>>
  /** Seconds since the server was last heard of, the oldest of all reflectors. */
  readonly reflectorAgeSeconds: () => number
  readonly isLeader: () => boolean
  readonly observed: () => Observed
}

/** What is known of requests, issuers and intermediates; the lists hold what needs attention first. */
export interface Observed {
  readonly requests: readonly RequestGauges[]
  readonly issuers: readonly IssuerGauges[]
  readonly intermediates: readonly IntermediateGauges[]
}

export interface RequestGauges {
  /** Of the request, such as CertificateRequest. */
  readonly kind: string
  /** How many there are, by state. */
  readonly states: Readonly<Record<string, number>>
  readonly oldestOpenMs: number
}

/** Instants in epoch milliseconds; what is not known has no series. */
export interface IssuerGauges {
  readonly kind: string
  /** `namespace/name`, or `name` for the cluster kind. */
  readonly issuer: string
  readonly ready: boolean
  readonly defaultDurationMs: number
  /** Of the CA that ends first, the root left out. */
  readonly authority: { readonly notBefore: number | undefined; readonly notAfter: number } | undefined
  readonly rootNotAfter: number | undefined
  /** Of the root that ends first, the active one left out. */
  readonly additionalRootNotAfter: number | undefined
  readonly bundle: { readonly sha256: string; readonly root: string } | undefined
  /** Known where the process acts. */
  readonly quotas: readonly QuotaGauges[]
}

/** How the limit of one operation of a PKI stands. */
export interface QuotaGauges {
  readonly operation: string
  readonly perSecond: number
  readonly tokens: number
  readonly waiting: number
}

export interface IntermediateGauges {
  /** `namespace/name` */
  readonly certificate: string
  readonly notAfter: number | undefined
  readonly renewalAt: number | undefined
}

/** How many issuers, and how many intermediates, have series of their own. */
export const MOST_SERIES = 1000

/** Makes the gauges and gives what sets all of them anew. */
export function fillGauges(make: (described: MetricDescription) => Gauge): (sources: GaugeSources) => void {
  const single = singles(make)
  const requests = requestGauges(make)
  const [issuers, quotas] = [issuerGauges(make), quotaGauges(make)]
  const intermediates = intermediateGauges(make)
  const unlisted = make(METRICS.unlisted)
  return (sources) => {
    const observed = sources.observed()
    const listed = observed.issuers.slice(0, MOST_SERIES)
    single(sources)
    requests(observed.requests)
    issuers(listed)
    quotas(listed)
    intermediates(observed.intermediates.slice(0, MOST_SERIES))
    for (const what of ['issuers', 'intermediates'] as const)
      unlisted.set({ what }, Math.max(0, observed[what].length - MOST_SERIES))
  }
}

function singles(make: (described: MetricDescription) => Gauge): (sources: GaugeSources) => void {
  const [queue, age] = [make(METRICS.queue), make(METRICS.reflectorAge)]
  const [leader, memory] = [make(METRICS.leader), make(METRICS.memory)]
  return ({ queueDepths, reflectorAgeSeconds, isLeader }) => {
    for (const [name, depth] of Object.entries(queueDepths())) queue.set({ queue: name }, depth)
    age.set(reflectorAgeSeconds())
    leader.set(Number(isLeader()))
    memory.set(process.memoryUsage.rss())
  }
}

function requestGauges(make: (described: MetricDescription) => Gauge): (all: readonly RequestGauges[]) => void {
  const [open, oldest] = [make(METRICS.open), make(METRICS.oldest)]
  return (all) => {
    for (const { kind: name, states, oldestOpenMs } of all) {
      const kind = oneOf(LABEL_VALUES.kind, name)
      for (const [state, count] of Object.entries(states)) open.set({ kind, state }, count)
      oldest.set({ kind }, oldestOpenMs / 1000)
    }
  }
}

function issuerGauges(make: (described: MetricDescription) => Gauge): (all: readonly IssuerGauges[]) => void {
  const [ready, end, start] = [make(METRICS.issuerReady), make(METRICS.authorityEnd), make(METRICS.authorityStart)]
  const [root, additional] = [make(METRICS.rootEnd), make(METRICS.additionalRootEnd)]
  const [duration, bundle] = [make(METRICS.duration), make(METRICS.bundle)]
  return (all) => {
    // An issuer that is gone, or a bundle that changed, leaves no series behind.
    for (const gauge of [ready, end, start, root, additional, duration, bundle]) gauge.reset()
    for (const { kind, issuer, ...shown } of all) {
      const labels = { kind, issuer }
      ready.set(labels, Number(shown.ready))
      duration.set(labels, shown.defaultDurationMs / 1000)
      setInstant(end, labels, shown.authority?.notAfter)
      setInstant(start, labels, shown.authority?.notBefore)
      setInstant(root, labels, shown.rootNotAfter)
      setInstant(additional, labels, shown.additionalRootNotAfter)
      if (shown.bundle !== undefined) bundle.set({ ...labels, ...shown.bundle }, 1)
    }
  }
}

function quotaGauges(make: (described: MetricDescription) => Gauge): (all: readonly IssuerGauges[]) => void {
  const [rate, left, line] = [make(METRICS.quotaRate), make(METRICS.quotaTokens), make(METRICS.quotaWaiting)]
  return (all) => {
    // Who does not act any more knows none.
    for (const gauge of [rate, left, line]) gauge.reset()
    for (const { kind, issuer, quotas } of all) {
      for (const { operation: name, perSecond, tokens, waiting } of quotas) {
        const labels = { kind, issuer, operation: oneOf(LABEL_VALUES.operation, name) }
        rate.set(labels, perSecond)
        left.set(labels, tokens)
        line.set(labels, waiting)
      }
    }
  }
}

function intermediateGauges(
  make: (described: MetricDescription) => Gauge,
): (all: readonly IntermediateGauges[]) => void {
  const [end, renewal] = [make(METRICS.intermediateEnd), make(METRICS.intermediateRenewal)]
  return (all) => {
    for (const gauge of [end, renewal]) gauge.reset()
    for (const { certificate, notAfter, renewalAt } of all) {
      setInstant(end, { certificate }, notAfter)
      setInstant(renewal, { certificate }, renewalAt)
    }
  }
}

function setInstant(gauge: Gauge, labels: Record<string, string>, ms: number | undefined): void {
  if (ms !== undefined) gauge.set(labels, ms / 1000)
}
