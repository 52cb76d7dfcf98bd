import type { Plan } from './plan.ts'
import type { RoundFigures } from './round.ts'
import type { StartFigures } from './starts.ts'
import { median, percentile } from './statistics.ts'
import { atLeast, atMost, type Row } from './table.ts'

export interface Result {
  readonly limit: readonly RoundFigures[]
  readonly controller: readonly RoundFigures[]
  /** The controller, with requests that belong to no Certificate. */
  readonly bare: readonly RoundFigures[]
  /** Waits of requests approved one at a time, in ms. */
  readonly alone: readonly number[]
  readonly emptyStarts: readonly StartFigures[]
  readonly fullStarts: readonly StartFigures[]
  /** In the full cluster, after a start and one round. */
  readonly fullPeakMiB: number
}

/** The rows of the result: medians of rounds and of starts. */
export function resultRows(plan: Plan, result: Result): readonly Row[] {
  return [...throughputRows(plan, result), ...startRows(plan, result)]
}

/** Certificates/s over the limit, of neighbouring rounds: what else the machine does touches both. */
export function ratioOf(limit: readonly RoundFigures[], own: readonly RoundFigures[]): number {
  return median(own.map((round, index) => round.certificatesPerSecond / (limit[index]?.certificatesPerSecond ?? NaN)))
}

function throughputRows({ requests }: Plan, result: Result): readonly Row[] {
  const { limit, controller, bare, alone } = result
  const middle = (rounds: readonly RoundFigures[], figure: keyof RoundFigures): number =>
    median(rounds.map((round) => round[figure]))
  const wait = (rounds: readonly RoundFigures[]): string =>
    `${middle(rounds, 'p50Ms').toFixed(0)} / ${middle(rounds, 'p99Ms').toFixed(0)} ms`
  const ratio = ratioOf(limit, controller)
  const bareRatio = ratioOf(limit, bare)
  const writes = middle(controller, 'statusWritesPerCertificate')
  return [
    { what: `certificates/s, limit of the server (${requests} at once)`, value: perSecond(limit) },
    { what: `certificates/s, controller, each of another Certificate`, value: perSecond(controller) },
    { what: 'certificates/s, controller, of no Certificate', value: perSecond(bare) },
    { what: 'over limit, each of another Certificate', value: ratio.toFixed(2), goal: atLeast(0.8, ratio) },
    { what: 'over limit, of no Certificate', value: bareRatio.toFixed(2), goal: atLeast(0.8, bareRatio) },
    { what: 'approval to Ready, p50 / p99, limit', value: wait(limit) },
    { what: 'approval to Ready, p50 / p99, controller', value: wait(controller) },
    {
      what: 'approval to Ready, p50 / p99, controller, one at a time',
      value: `${percentile(alone, 50).toFixed(0)} / ${percentile(alone, 99).toFixed(0)} ms`,
    },
    { what: "writes of requests' status per certificate", value: writes.toFixed(2), goal: atMost(1, writes, 'write') },
    { what: "writes of the issuer's status", value: middle(controller, 'issuerWritesPerCertificate').toFixed(2) },
    { what: 'events', value: middle(controller, 'eventsPerCertificate').toFixed(2) },
    { what: 'CPU of the controller per 1,000', value: `${middle(controller, 'controllerCpu').toFixed(1)} s` },
    { what: 'CPU of the API server per 1,000, limit', value: `${middle(limit, 'apiServerCpu').toFixed(1)} s` },
    {
      what: 'CPU of the API server per 1,000, controller',
      value: `${middle(controller, 'apiServerCpu').toFixed(1)} s`,
    },
  ]
}

function startRows({ full }: Plan, { emptyStarts, fullStarts, fullPeakMiB }: Result): readonly Row[] {
  const middle = (starts: readonly StartFigures[], figure: keyof StartFigures): number =>
    median(starts.map((start) => start[figure]))
  const empty = middle(emptyStarts, 'firstCertificateMs') / 1000
  const later = middle(fullStarts, 'firstCertificateMs') / 1000
  const memory = (starts: readonly StartFigures[]): string =>
    `${middle(starts, 'rssMiB').toFixed(0)} MiB, peak ${middle(starts, 'peakMiB').toFixed(0)} MiB`
  const cluster = `with ${full.toLocaleString('en')} finished requests and Secrets`
  return [
    {
      what: 'first certificate after a start, empty cluster',
      value: `${empty.toFixed(2)} s`,
      goal: atMost(1, empty, 's'),
    },
    { what: 'RSS then', value: memory(emptyStarts) },
    {
      what: `first certificate after a start, ${cluster}`,
      value: `${later.toFixed(2)} s`,
      goal: atMost(2.5, later, 's'),
    },
    { what: 'RSS then', value: memory(fullStarts) },
    {
      what: 'peak RSS there, after a round',
      value: `${fullPeakMiB.toFixed(0)} MiB`,
      goal: atMost(128, fullPeakMiB, 'MiB'),
    },
  ]
}

export function perSecond(rounds: readonly RoundFigures[]): string {
  const values = rounds.map((round) => round.certificatesPerSecond)
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`
}
