import type { AttemptLog } from '../controllers/attempt-log.ts'
import type { RequestIndex } from '../controllers/request-index.ts'
import { readCarriedStatus } from '../issuance/carried-status.ts'
import { type IssuerTarget, isOpen, type RequestRecord } from '../issuance/request-record.ts'
import type { CacheHandlers } from './caches.ts'
import type { Queues } from './queues.ts'

export interface HandlerDeps {
  readonly index: RequestIndex
  readonly csrIndex: RequestIndex
  readonly queues: Queues
  readonly attempts: AttemptLog
  /** A request was met that is another installation's to serve. */
  readonly leftAlone: (key: string, issuer: IssuerTarget) => void
}

/** One check of an issuer serves all Certificates that took a step within this time. */
const GATHER_MS = 5000

/** What wakes a loop: see the table in ARCHITECTURE.md. */
export function makeHandlers({ index, csrIndex, queues, attempts, leftAlone }: HandlerDeps): CacheHandlers {
  return {
    certificateRequest: (key, before, after) => {
      forgetSettled(attempts, before, after)
      const { issuers, eased } = index.change(key, before, after)
      if (asksAnew(before, after)) queues.certificateRequests.add(key)
      if (after?.state === 'elsewhere' && before?.state !== 'elsewhere') leftAlone(key, after.issuer)
      for (const issuer of issuers) queues.issuers.addAfter(issuer, GATHER_MS)
      for (const waiting of eased.flatMap((issuer) => index.openFor(issuer))) queues.certificateRequests.add(waiting)
    },
    kubernetesCsr: (key, before, after) => {
      forgetSettled(attempts, before, after)
      csrIndex.change(key, before, after)
      if (asksAnew(before, after)) queues.kubernetesCsrs.add(key)
    },
    issuer: (key, before, after) => {
      if (after !== undefined) for (const carried of readCarriedStatus(after)) index.remember(carried)
      const same =
        before?.metadata.uid === after?.metadata.uid && before?.metadata.generation === after?.metadata.generation
      if (!same) queues.issuers.add(key)
    },
    namespace: (name, before, after) => {
      if (JSON.stringify(before) === JSON.stringify(after)) return
      // Nobody else's: where namespaces come and go all day, gaps after failures would never be kept.
      for (const key of index.openOf(name)) queues.certificateRequests.add(key)
      for (const key of csrIndex.openOf(name)) queues.kubernetesCsrs.add(key)
    },
    recovered: () => {
      for (const queue of Object.values(queues)) queue.hurry()
    },
  }
}

/** Our own Pending must not wake the request it was written to, or its growing gaps would never be kept. */
function asksAnew(before: RequestRecord | undefined, after: RequestRecord | undefined): boolean {
  if (!isOpen(after)) return false
  if (!isOpen(before) || before.uid !== after.uid || before.state !== after.state) return true
  const [a, b] = [before.facts, after.facts]
  return a.pathLengthWish !== b.pathLengthWish || a.isCA !== b.isCA || a.duration !== b.duration
}

function forgetSettled(
  attempts: AttemptLog,
  before: RequestRecord | undefined,
  after: RequestRecord | undefined,
): void {
  if (before !== undefined && before.uid !== after?.uid) attempts.forget(before.uid)
  if (after?.state === 'settled') attempts.forget(after.uid)
}
