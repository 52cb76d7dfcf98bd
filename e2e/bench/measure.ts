import pLimit from 'p-limit'
import type { Condition } from '../lab/kube-objects.ts'
import { type BenchCluster, createSecrets } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import { observe } from './observer.ts'
import type { Plan } from './plan.ts'
import { memory } from './process-figures.ts'
import { API_VERSION, condition, issuedStatus, NAMESPACE } from './requests.ts'
import type { Result } from './result.ts'
import { approveOne, createRequests, type RoundFigures, runRound } from './round.ts'
import { measureStart, measureStarts, type StartFigures } from './starts.ts'

const ALONE_WITHIN_MS = 10_000
const FILL_WIDTH = 16

export interface Measurement {
  readonly plan: Plan
  readonly say: (line: string) => void
}

/** Rounds of the limit and of one running controller in turn, then requests one at a time. */
export async function measureRounds(
  cluster: BenchCluster,
  bundle: Bundle,
  { plan, say }: Measurement,
): Promise<Pick<Result, 'limit' | 'controller' | 'bare' | 'alone'>> {
  const count = plan.requests
  const { program } = await measureStart(cluster, bundle, 'rounds')
  const ofController = { count, controllerPid: program.pid }
  const kinds = { limit: { count }, controller: ofController, bare: { ...ofController, bare: true } }
  const names = ['limit', 'controller', 'bare'] as const
  const rounds: Record<(typeof names)[number], RoundFigures[]> = { limit: [], controller: [], bare: [] }
  // The first requests of a cluster are slower, whoever answers them.
  await runRound(cluster, { name: 'warm-up', count: Math.ceil(count / 5) })
  for (let index = 0; index < plan.rounds; index += 1) {
    for (const name of index % 2 === 0 ? names : names.toReversed()) {
      const figures = await runRound(cluster, { name: `${name}-${index}`, ...kinds[name] })
      rounds[name].push(figures)
      say(summaryOf(name, figures))
    }
  }
  const alone = await measureAlone(cluster, plan.alone)
  await program.stop()
  return { ...rounds, alone }
}

/** Fills the cluster, then starts the controller there and runs one round. */
export async function measureInFullCluster(
  cluster: BenchCluster,
  bundle: Bundle,
  { plan, say }: Measurement,
): Promise<Pick<Result, 'fullStarts' | 'fullPeakMiB'>> {
  const began = performance.now()
  const present = 2 * plan.rounds * plan.requests
  const missing = Math.max(0, plan.full - present)
  await createFinished(cluster, missing)
  await createSecrets(cluster, plan.full)
  say(`Filled the cluster in ${((performance.now() - began) / 1000).toFixed(0)} s.`)
  const fullStarts: readonly StartFigures[] = await measureStarts(cluster, bundle, {
    name: 'full',
    count: plan.starts,
  })
  const program = await startBundle(cluster.lab.controlPlane, bundle)
  const figures = await runRound(cluster, { name: 'full-round', count: plan.requests, controllerPid: program.pid })
  say(summaryOf('full', figures))
  const { peakMiB } = await memory(program.pid)
  await program.stop()
  return { fullStarts, fullPeakMiB: peakMiB }
}

async function measureAlone(cluster: BenchCluster, count: number): Promise<readonly number[]> {
  const names = Array.from({ length: count }, (_, index) => `alone-${index}`)
  await createRequests(cluster, names)
  const { sightings, stop } = await observe(cluster.admin)
  try {
    for (const [index, name] of names.entries()) {
      await approveOne(cluster, name)
      sightings.approved(`${name}-1`)
      await sightings.untilReady(index + 1, ALONE_WITHIN_MS)
    }
  } finally {
    stop()
  }
  return sightings.waits()
}

/** Requests as they are when everybody has done with them. */
async function createFinished(cluster: BenchCluster, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `finished-${index}`)
  await createRequests(cluster, names)
  const approved: readonly Condition[] = [condition('Approved', 'Bench', 'Approved by the bench.')]
  const status = issuedStatus(cluster.answer, approved)
  await pLimit(FILL_WIDTH).map(names, (name) => {
    const metadata = { namespace: NAMESPACE, name: `${name}-1` }
    const request = { apiVersion: API_VERSION, kind: 'CertificateRequest', metadata, status }
    return cluster.admin.apply(request, { fieldManager: 'bench', subresource: 'status' })
  })
}

/** One round in a line. */
export function summaryOf(name: string, figures: RoundFigures): string {
  const { certificatesPerSecond, p50Ms, p99Ms, controllerCpu, apiServerCpu } = figures
  const waits = `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`
  const cpu = `CPU s per 1,000: controller ${controllerCpu.toFixed(1)}, API server ${apiServerCpu.toFixed(1)}`
  return `${name.padEnd(10)} ${certificatesPerSecond.toFixed(0)} certificates/s, ${waits}, ${cpu}`
}
