import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type ApiClient, connect } from '../cluster/client.ts'
import { EventRecorder } from '../cluster/events.ts'
import { loadKubeConfig } from '../cluster/kube-config.ts'
import { LeaseElection } from '../cluster/lease.ts'
import { systemAfter } from '../cluster/timers.ts'
import { AttemptLog } from '../controllers/attempt-log.ts'
import { RequestIndex } from '../controllers/request-index.ts'
import { issuerKey } from '../issuance/request-record.ts'
import { type Logger, wordsOf } from '../ops/log.ts'
import { type Metrics, makeMetrics } from '../ops/metrics.ts'
import type { Overview } from '../server/overview.ts'
import type { Settings } from '../settings.ts'
import { makeCaches, watchesOf } from './caches.ts'
import { ClusterIdentity } from './cluster-identity.ts'
import { type HandlerDeps, makeHandlers } from './handlers.ts'
import type { LoopParts } from './loops.ts'
import { makeProbes, type Probes } from './probes.ts'
import { depthsOf, makeQueues, type Queues } from './queues.ts'
import { Acting } from './status-acting.ts'
import { FailureLog } from './status-failures.ts'
import { observedOf } from './status-gauges.ts'
import { makeObservers } from './status-observers.ts'
import { overviewOf } from './status-overview.ts'

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
  readonly clusterIdentity: ClusterIdentity
  readonly probes: Probes
  readonly metrics: Metrics
  readonly election: LeaseElection
  /** Connections for the Lease alone, so that renewing it waits behind nothing else. */
  readonly leaseClient: ApiClient
  readonly acting: Acting
  /** What the status page shows, as it is now. */
  readonly overview: () => Overview
  /** This process, unlike any other. */
  readonly identity: string
}

const CONTROLLER = 'meshca.dev/mesh-ca-issuer'

/** Makes the parts and joins them; nothing runs yet. */
export function makeParts({ settings, log, clocks }: PartsDeps): Parts {
  const { now, monotonic } = clocks
  const access = loadKubeConfig(settings.kubeconfig, settings.context)
  const [client, leaseClient] = [connect(access, monotonic), connect(access, monotonic)]
  const identity = `${hostname()}_${randomUUID()}`
  const failed = (what: string) => (error: unknown) =>
    log.warn('an attempt failed and will be repeated', { what, error: wordsOf(error) })
  const election = makeElection({ settings, clocks, client: leaseClient, identity, failed: failed('lease') })
  const mayAct = (): boolean => !settings.leaderElect || election.isLeader()
  const queues: Queues = makeQueues({
    ...{ settings, monotonic },
    certificateRequest: (key) => caches.certificateRequests.get(key),
    kubernetesCsr: (key) => caches.kubernetesCsrs.get(key),
  })
  const memory = { index: new RequestIndex(), csrIndex: new RequestIndex(), attempts: new AttemptLog() }
  const caches = makeCaches({
    client,
    scope: settings,
    now: monotonic,
    failed: (watch, error) => failed(`watch ${watch}`)(error),
    handlers: makeHandlers({ ...memory, queues, leftAlone: leftAlone(log) }),
  })
  const clusterIdentity = new ClusterIdentity({
    client,
    configured: settings.clusterId,
    failed: failed('cluster id'),
    after: systemAfter,
    random: Math.random,
  })
  const probes = makeProbes({ watches: watchesOf(caches), checks: [() => clusterIdentity.problem], now: monotonic })
  const [acting, failures] = [new Acting(), new FailureLog()]
  const { ready, ageSeconds } = probes
  const carriedByCertificate = (certificate: string) => memory.index.carriedByCertificate(certificate)
  const place = { identity, lease: settings.leaseName, namespaces: settings.watchNamespaces }
  const seen = { caches, carriedByCertificate, ready, mayAct, acting, failures }
  const overview = (): Overview => overviewOf({ ...place, ...seen, now })
  const metrics = makeMetrics({
    queueDepths: () => depthsOf(queues),
    reflectorAgeSeconds: ageSeconds,
    isLeader: mayAct,
    observed: () => observedOf(overview()),
  })
  const recorder = makeRecorder(client, now, failed('event'))
  const observers = makeObservers({ caches, metrics, failures, log, now })
  return {
    settings,
    log,
    client,
    identity,
    election,
    leaseClient,
    acting,
    overview,
    mayAct,
    queues,
    ...memory,
    caches,
    clusterIdentity,
    probes,
    metrics,
    recorder,
    ...observers,
    signed: metrics.signed,
    now,
    monotonic,
  }
}

interface ElectionParts extends Pick<PartsDeps, 'settings' | 'clocks'> {
  readonly client: ApiClient
  readonly identity: string
  readonly failed: (error: unknown) => void
}

function makeElection({ settings, clocks, client, identity, failed }: ElectionParts): LeaseElection {
  return new LeaseElection({
    ...{ ...clocks, client, identity, failed },
    namespace: settings.clusterResourceNamespace,
    name: settings.leaseName,
    times: settings.leaderElection,
    random: Math.random,
  })
}

function makeRecorder(client: ApiClient, now: () => number, failed: (error: unknown) => void): EventRecorder {
  return new EventRecorder({
    ...{ client, now, failed },
    reportingController: CONTROLLER,
    reportingInstance: hostname(),
    defaultNamespace: 'default',
    unique: randomUUID,
  })
}

function leftAlone(log: Logger): HandlerDeps['leftAlone'] {
  return (request, issuer) =>
    log.info('left to the installation that serves its issuer (--watch-namespaces, --skip-namespaces)', {
      request,
      issuer: issuerKey(issuer),
    })
}
