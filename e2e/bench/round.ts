import pLimit from 'p-limit'
import { approve, requestReference } from '../lab/requests.ts'
import { readWrites, type WriteCounts, writesBetween } from './api-writes.ts'
import type { BenchCluster } from './cluster.ts'
import { type OnApproved, observe } from './observer.ts'
import { cpuSeconds } from './process-figures.ts'
import {
  API_VERSION,
  type IssuerKind,
  issuedStatus,
  NAMESPACE,
  type RequestOptions,
  requestObject,
} from './requests.ts'
import type { Sightings } from './sightings.ts'
import { percentile } from './statistics.ts'

/** Requests that are created, approved or answered side by side. */
const WIDTH = 16
const SETTLED_WITHIN_MS = 120_000

export interface RoundOptions {
  /** Unique among the rounds. */
  readonly name: string
  readonly count: number
  /** Pid of the controller that answers; without one the bench answers itself. */
  readonly controllerPid?: number
  /** `bench` by default. */
  readonly issuer?: string
  /** Of the issuer: the controller's by default. */
  readonly kind?: IssuerKind
  /** Requests that belong to no Certificate. */
  readonly bare?: boolean
}

export interface RoundFigures {
  readonly certificatesPerSecond: number
  /** From approval to Ready. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Writes that came from who answered. */
  readonly statusWritesPerCertificate: number
  readonly eventsPerCertificate: number
  readonly issuerWritesPerCertificate: number
  /** CPU seconds per 1,000 certificates. */
  readonly controllerCpu: number
  readonly apiServerCpu: number
}

/** Creates requests, then approves them as fast as the server takes that, and waits until all are Ready. */
export async function runRound(cluster: BenchCluster, options: RoundOptions): Promise<RoundFigures> {
  const { name, count, controllerPid, issuer = 'bench', bare = false } = options
  const kind = options.kind ?? (controllerPid === undefined ? 'Issuer' : 'MeshCAIssuer')
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`)
  await createRequests(cluster, names, { kind, issuer, bare })
  const { sightings, stop } = await observe(cluster.admin, controllerPid === undefined ? answering(cluster) : undefined)
  try {
    const before = await readings(cluster, controllerPid)
    const began = performance.now()
    const ready = sightings.untilReady(count, SETTLED_WITHIN_MS)
    await Promise.all([ready, approveAll(cluster, sightings, names)])
    const seconds = (performance.now() - began) / 1000
    const after = await readings(cluster, controllerPid)
    return figuresOf(options, { seconds, before, after, waits: sightings.waits() })
  } finally {
    stop()
  }
}

/** Creates requests called after these Certificates. */
export async function createRequests(
  { admin, csrs }: BenchCluster,
  names: readonly string[],
  options: Pick<RequestOptions, 'kind' | 'issuer' | 'bare'> = { kind: 'MeshCAIssuer' },
): Promise<void> {
  const numbered = names.map((name, index) => ({ name, csr: csrs[index % csrs.length] ?? '' }))
  await pLimit(WIDTH).map(numbered, (request) => admin.create(requestObject({ ...request, ...options })))
}

/** Approves one, and resolves when the server has taken it. */
export async function approveOne({ admin }: BenchCluster, name: string): Promise<void> {
  await approve(admin, requestReference(NAMESPACE, `${name}-1`))
}

async function approveAll(cluster: BenchCluster, sightings: Sightings, names: readonly string[]): Promise<void> {
  await pLimit(WIDTH).map(names, async (name) => {
    await approveOne(cluster, name)
    sightings.approved(`${name}-1`)
  })
}

/** The least that any controller must do: one patch of status, here with an answer made before. */
function answering({ answerer, answer }: BenchCluster): OnApproved {
  const limit = pLimit(WIDTH)
  return ({ metadata: { name, uid } }) => {
    const metadata = { namespace: NAMESPACE, name, ...(uid === undefined ? {} : { uid }) }
    const object = { apiVersion: API_VERSION, kind: 'CertificateRequest', metadata, status: issuedStatus(answer) }
    return limit(() => answerer.apply(object, { fieldManager: 'bench', subresource: 'status' }))
  }
}

interface Readings {
  readonly writes: WriteCounts
  readonly controllerCpu: number
  readonly apiServerCpu: number
}

async function readings({ lab, admin }: BenchCluster, controllerPid: number | undefined): Promise<Readings> {
  return {
    writes: readWrites(await admin.call<string>({ method: 'GET', path: '/metrics' })),
    controllerCpu: controllerPid === undefined ? 0 : await cpuSeconds(controllerPid),
    apiServerCpu: await cpuSeconds(lab.controlPlane.apiServerPid()),
  }
}

interface Measured {
  readonly seconds: number
  readonly before: Readings
  readonly after: Readings
  readonly waits: readonly number[]
}

function figuresOf({ count }: RoundOptions, { seconds, before, after, waits }: Measured): RoundFigures {
  const writes = (resource: string): number => writesBetween(before.writes, after.writes, resource)
  return {
    certificatesPerSecond: count / seconds,
    p50Ms: percentile(waits, 50),
    p99Ms: percentile(waits, 99),
    // The other write of each is the bench's approval.
    statusWritesPerCertificate: writes('certificaterequests/status') / count - 1,
    eventsPerCertificate: writes('events') / count,
    issuerWritesPerCertificate: writes('meshcaissuers/status') / count,
    controllerCpu: ((after.controllerCpu - before.controllerCpu) / count) * 1000,
    apiServerCpu: ((after.apiServerCpu - before.apiServerCpu) / count) * 1000,
  }
}
