import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { KubeConfig } from '@kubernetes/client-node'
import { makeCaches } from './app/caches.ts'
import { makeHandlers } from './app/handlers.ts'
import { type LoopParts, makeIssuers, makeRequestLoops, type Queues, readClusterId } from './app/loops.ts'
import { makeProbes } from './app/probes.ts'
import { connect } from './cluster/client.ts'
import { EventRecorder } from './cluster/events.ts'
import { LeaseElection } from './cluster/lease.ts'
import { WorkQueue } from './cluster/queue.ts'
import { AttemptLog } from './controllers/attempt-log.ts'
import { runWorkers } from './controllers/controller.ts'
import { RequestIndex } from './controllers/request-index.ts'
import { handleRequest, type Observation } from './controllers/requests.ts'
import { type Logger, makeLogger, wordsOf } from './ops/log.ts'
import { makeMetrics } from './ops/metrics.ts'
import { listen, makeApp } from './server/server.ts'
import type { Settings } from './settings.ts'

const CONTROLLER = 'meshca.dev/mesh-ca-issuer'
const LEASE = 'mesh-ca-issuer'
const ISSUER_WORKERS = 4

/** Runs the controller until SIGTERM or SIGINT, then lets go of the Lease and resolves. */
export async function runController(settings: Settings): Promise<void> {
  const log = makeLogger(settings.logLevel)
  const stop = stopSignal()
  const now = (): number => Date.now()
  const monotonic = (): number => performance.now()
  const client = connect(loadKubeConfig(settings), monotonic)
  const identity = `${hostname()}_${randomUUID()}`
  const queues = makeQueues(monotonic)
  const [index, csrIndex, attempts] = [new RequestIndex(), new RequestIndex(), new AttemptLog()]
  const failed = (what: string) => (error: unknown) =>
    log.warn('an attempt failed and will be repeated', { what, error: wordsOf(error) })
  const election = new LeaseElection({
    client,
    namespace: settings.clusterResourceNamespace,
    name: LEASE,
    identity,
    now,
    monotonic,
    random: Math.random,
    failed: failed('lease'),
  })
  const mayAct = (): boolean => !settings.leaderElect || election.isLeader()
  const caches = makeCaches({
    client,
    now: monotonic,
    failed: (collection, error) => failed(`watch ${collection}`)(error),
    handlers: makeHandlers({ index, csrIndex, queues, attempts }),
  })
  const probes = makeProbes({ ...caches }, monotonic)
  const metrics = makeMetrics({
    queueDepth: () => queues.certificateRequests.depth,
    reflectorAgeSeconds: probes.ageSeconds,
    isLeader: mayAct,
  })
  const server = await listen(
    makeApp({ ...probes, metrics: metrics.text, metricsType: metrics.contentType }),
    settings.httpAddr,
  )
  const reflecting = Promise.all(Object.values(caches).map((cache) => cache.run(stop)))
  log.info('started', { identity, address: settings.httpAddr })

  const recorder = new EventRecorder({
    client,
    reportingController: CONTROLLER,
    reportingInstance: hostname(),
    defaultNamespace: 'default',
    now,
    unique: randomUUID,
    failed: failed('event'),
  })
  const observe = (observation: Observation): void => {
    metrics.attempt(observation.reason, observation.sinceApprovalMs)
    logObservation(log, observation)
  }
  const lead = async (signal: AbortSignal): Promise<void> => {
    const clusterId = await untilStopped(() => readClusterId(client, settings.clusterId), {
      signal,
      failed: failed('cluster id'),
    })
    await Promise.race([Promise.all(Object.values(caches).map((cache) => cache.synced)), aborted(signal)])
    if (clusterId === undefined || signal.aborted) return
    log.info('acting', { identity })
    await runLoops(
      { settings, client, caches, index, csrIndex, queues, recorder, attempts, clusterId, mayAct, observe, now },
      { signal, log },
    )
  }
  await (settings.leaderElect ? election.run(lead, stop) : lead(stop))
  await recorder.flush()
  await Promise.all([reflecting, server.close()])
  await client.close()
  log.info('stopped', { identity })
}

interface Running {
  readonly signal: AbortSignal
  readonly log: Logger
}

async function runLoops(parts: LoopParts, { signal, log }: Running): Promise<void> {
  const { queues, caches, settings } = parts
  const issuers = makeIssuers(parts)
  const loops = makeRequestLoops(parts, issuers)
  const failed = (key: string, error: unknown): void =>
    log.warn('an attempt failed and will be repeated', { key, error: wordsOf(error) })
  for (const [key] of caches.issuers.entries()) queues.issuers.add(`MeshCAIssuer/${key}`)
  for (const [key] of caches.clusterIssuers.entries()) queues.issuers.add(`MeshCAClusterIssuer//${key}`)
  for (const [key] of caches.certificateRequests.entries()) queues.certificateRequests.add(key)
  for (const [key] of caches.kubernetesCsrs.entries()) queues.kubernetesCsrs.add(key)
  await Promise.all([
    runWorkers(
      { queue: queues.issuers, count: ISSUER_WORKERS, handle: (key, s) => issuers.handle(key, s), failed },
      signal,
    ),
    runWorkers(
      {
        queue: queues.certificateRequests,
        count: settings.workers,
        handle: (key, s) => handleRequest(loops.certificateRequests, key, s),
        failed,
      },
      signal,
    ),
    runWorkers(
      {
        queue: queues.kubernetesCsrs,
        count: settings.workers,
        handle: (key, s) => handleRequest(loops.kubernetesCsrs, key, s),
        failed,
      },
      signal,
    ),
  ])
  for (const queue of Object.values(queues)) queue.stop()
}

function makeQueues(now: () => number): Queues {
  const after = (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  }
  const make = (): WorkQueue => new WorkQueue({ after, now, random: Math.random })
  return { certificateRequests: make(), kubernetesCsrs: make(), issuers: make() }
}

function loadKubeConfig({ kubeconfig, context }: Settings): KubeConfig {
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromDefault()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  return config
}

function logObservation(log: Logger, { key, issuer, uid, reason, code, message, serialNumber }: Observation): void {
  log.info(message, { request: key, issuer, uid, outcome: reason, reason: code, serialNumber })
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function untilStopped<T>(
  act: () => Promise<T>,
  { signal, failed }: { readonly signal: AbortSignal; readonly failed: (error: unknown) => void },
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await act()
    } catch (error) {
      failed(error)
      await Promise.race([aborted(signal), new Promise((resolve) => setTimeout(resolve, 1000))])
    }
  }
  return undefined
}
