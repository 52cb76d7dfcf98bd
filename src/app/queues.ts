import { WorkQueue } from '../cluster/queue.ts'
import { systemAfter } from '../cluster/timers.ts'
import { issuerKey, type RequestRecord } from '../issuance/request-record.ts'
import type { Settings } from '../settings.ts'

/** Keys that wait to be worked on. */
export interface Queues {
  readonly certificateRequests: WorkQueue
  readonly kubernetesCsrs: WorkQueue
  readonly issuers: WorkQueue
}

type RecordOf = (key: string) => RequestRecord | undefined

export interface QueueDeps {
  readonly settings: Pick<Settings, 'workers'>
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  readonly certificateRequest: RecordOf
  readonly kubernetesCsr: RecordOf
}

/** Turns of one tenant at the checks of issuers. */
const ISSUER_TURNS = 4

/** How many keys of a queue are worked on at once: its turns, and those whose status is being written. */
export function workersFor({ workers }: Pick<Settings, 'workers'>): Readonly<Record<keyof Queues, number>> {
  return { certificateRequests: 3 * workers, kubernetesCsrs: 3 * workers, issuers: 2 * ISSUER_TURNS }
}

/** Makes the queues, which stand still until somebody acts; of the turns of each one tenant gets half at most. */
export function makeQueues({ settings, monotonic, certificateRequest, kubernetesCsr }: QueueDeps): Queues {
  const make = (perTenant: number, ownerOf: (key: string) => string): WorkQueue => {
    const timers = { after: systemAfter, now: monotonic, random: Math.random }
    const queue = new WorkQueue(timers, { turns: { turns: 2 * perTenant, ownerOf } })
    queue.stop()
    return queue
  }
  const { workers } = settings
  return {
    certificateRequests: make(workers, (key) => ownerOf(certificateRequest(key))),
    kubernetesCsrs: make(workers, (key) => ownerOf(kubernetesCsr(key))),
    issuers: make(ISSUER_TURNS, tenantOf),
  }
}

/** Keys that wait, by the name of the queue in metrics. */
export function depthsOf(queues: Queues): Readonly<Record<string, number>> {
  return {
    certificaterequests: queues.certificateRequests.depth,
    certificatesigningrequests: queues.kubernetesCsrs.depth,
    issuers: queues.issuers.depth,
  }
}

function ownerOf(record: RequestRecord | undefined): string {
  return record !== undefined && 'issuer' in record ? tenantOf(issuerKey(record.issuer)) : ''
}

/** A namespace is one tenant's, however many issuers it has; of the operator's issuers none holds up another. */
function tenantOf(issuer: string): string {
  const [kind = '', namespace = ''] = issuer.split('/')
  return namespace === '' ? issuer : `${kind}/${namespace}`
}
