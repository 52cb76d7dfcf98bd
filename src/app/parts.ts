import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Incident } from '../backends/services.ts'
import { connect } from '../cluster/client.ts'
import { EventRecorder } from '../cluster/events.ts'
import { loadKubeConfig } from '../cluster/kube-config.ts'
import { LeaseElection } from '../cluster/lease.ts'
import { WorkQueue } from '../cluster/queue.ts'
import { AttemptLog } from '../controllers/attempt-log.ts'
import { RequestIndex } from '../controllers/request-index.ts'
import type { Observation } from '../controllers/requests.ts'
import { type Logger, wordsOf } from '../ops/log.ts'
import { type Metrics, makeMetrics } from '../ops/metrics.ts'
import type { Settings } from '../settings.ts'
import { makeCaches } from './caches.ts'
import { makeHandlers } from './handlers.ts'
import type { LoopParts, Queues } from './loops.ts'
import { makeProbes, type Probes } from './probes.ts'

/** The two clocks of the program, in milliseconds. */
export interface Clocks {
  /** Of the wall: for what is written down. */
  readonly now: () => number
  /** One that never goes back: for what is waited for. */
  readonly monotonic: () => number
}

export interface PartsDeps {
  readonly settings: Settings
  readonly log: Logger
  readonly clocks: Clocks
}

/** Everything that lives as long as the process. */
export interface Parts extends Omit<LoopParts, 'clusterId'> {
  readonly log: Logger
  readonly probes: Probes
  readonly metrics: Metrics
  readonly election: LeaseElection
  /** This process, unlike any other. */
  readonly identity: string
}

const CONTROLLER = 'meshca.dev/mesh-ca-issuer'
const LEASE = 'mesh-ca-issuer'

/** Makes the parts and joins them; nothing runs yet. */
export function makeParts({ settings, log, clocks }: PartsDeps): Parts {
  const { now, monotonic } = clocks
  const client = connect(loadKubeConfig(settings.kubeconfig, settings.context), monotonic)
  const identity = `${hostname()}_${randomUUID()}`
  const failed = (what: string) => (error: unknown) =>
    log.warn('an attempt failed and will be repeated', { what, error: wordsOf(error) })
  const common = { client, now, monotonic, random: Math.random }
  const namespace = settings.clusterResourceNamespace
  const election = new LeaseElection({ ...common, namespace, name: LEASE, identity, failed: failed('lease') })
  const mayAct = (): boolean => !settings.leaderElect || election.isLeader()
  const queues = makeQueues(monotonic)
  const memory = { index: new RequestIndex(), csrIndex: new RequestIndex(), attempts: new AttemptLog() }
  const caches = makeCaches({
    client,
    now: monotonic,
    failed: (collection, error) => failed(`watch ${collection}`)(error),
    handlers: makeHandlers({ ...memory, queues }),
  })
  const probes = makeProbes({ ...caches }, monotonic)
  const queueDepth = (): number => queues.certificateRequests.depth
  const metrics = makeMetrics({ queueDepth, reflectorAgeSeconds: probes.ageSeconds, isLeader: mayAct })
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
  const incident = ({ backend, what, message }: Incident): void => {
    metrics.incident(backend, what)
    log[what === 'stray' ? 'warn' : 'info'](message, { backend, what })
  }
  return {
    settings,
    log,
    client,
    identity,
    election,
    mayAct,
    queues,
    ...memory,
    caches,
    probes,
    metrics,
    recorder,
    observe,
    signed: metrics.signed,
    incident,
    now,
    monotonic,
  }
}

function makeQueues(now: () => number): Queues {
  const after = (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  }
  const make = (): WorkQueue => new WorkQueue({ after, now, random: Math.random })
  return { certificateRequests: make(), kubernetesCsrs: make(), issuers: make() }
}

function logObservation(log: Logger, { key, issuer, uid, reason, code, message, serialNumber }: Observation): void {
  log.info(message, { request: key, issuer, uid, outcome: reason, reason: code, serialNumber })
}
