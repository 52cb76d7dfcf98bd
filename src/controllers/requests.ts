import type { LastIssuance } from '../api/issuer.ts'
import { formatTime } from '../api/time.ts'
import { isNotLeading } from '../cluster/errors.ts'
import { backendName } from '../issuance/backend-config.ts'
import { conclude, type PkiRefusal, type RequestEvent, type Verdict } from '../issuance/conclude.ts'
import { decide } from '../issuance/decide.ts'
import { isOpen, issuerKey, type OpenRecord, type RequestRecord } from '../issuance/request-record.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { Again, Turn } from './controller.ts'
import type { CurrentIssuer } from './issuers.ts'
import { splitKey } from './object-paths.ts'
import { type FactsDeps, factsOf } from './requests-facts.ts'
import { type Attempted, type SigningDeps, signAndProve } from './signing.ts'

/** What happened to a status write: `conflict` is another version of the object, its re-created namesake, or another leader. */
export type WriteResult = 'written' | 'unchanged' | 'gone' | 'conflict'

/** What the loop needs of its surroundings; the two kinds of requests differ only in how they are read and written. */
export interface RequestsDeps extends SigningDeps, FactsDeps {
  readonly record: (key: string) => RequestRecord | undefined
  readonly issuer: (key: string, signal: AbortSignal) => Promise<CurrentIssuer | undefined>
  readonly write: (key: string, record: OpenRecord, verdict: Verdict) => Promise<WriteResult>
  readonly tell: (key: string, record: OpenRecord, event: RequestEvent) => void
  /** What the PKI said, where it was that which showed the issuer to be broken. */
  readonly recheckIssuer: (issuer: string, error: PkiRefusal | undefined) => void
  readonly issued: (issuer: string, issuance: LastIssuance) => void
  readonly observe: (observation: Observation) => void
  /** Whether this process may still act: asked right before each call to a PKI, and before its answer is written. */
  readonly mayAct: () => boolean
}

/** One settled or postponed attempt, for metrics and the log. */
export interface Observation {
  readonly key: string
  readonly issuer: string
  readonly uid: string
  readonly reason: Verdict['reason']
  readonly code: string
  readonly message: string
  readonly serialNumber: string | undefined
  /** From approval to the written status, milliseconds. */
  readonly sinceApprovalMs: number
}

/** One turn for one request: facts, decision, signature, proof, status. */
export async function handleRequest(deps: RequestsDeps, key: string, { signal, over }: Turn): Promise<Again> {
  const seen = waiting(deps, key)
  if (seen === undefined) return 'when-changed'
  if (seen.state === 'denied') return settle(deps, { key, record: seen, attempted: { outcome: { kind: 'denied' } } })
  const current = await deps.issuer(issuerKey(seen.issuer), signal)
  // The check may have taken a while. What changed meanwhile has queued the key again, except for details such as a wish.
  const record = waiting(deps, key)
  if (record?.state !== 'open' || record.uid !== seen.uid || signal.aborted) return 'when-changed'
  const attempted = await attempt(deps, { record, current, signal })
  if (attempted === undefined) return 'with-backoff'
  if (!deps.mayAct()) {
    // Whoever acts now has another one made where this one cannot be found again.
    await attempted.discard?.()
    return 'with-backoff'
  }
  // The PKI need not be idle while the API server works.
  over()
  // Told to stop: the next process may have anything but a certificate said anew.
  if (signal.aborted && attempted.certificate === undefined) return 'when-changed'
  return settle(deps, { key, record, attempted })
}

/** The record, where there is something to do about it. */
function waiting(deps: RequestsDeps, key: string): OpenRecord | undefined {
  const record = deps.record(key)
  if (!isOpen(record)) return undefined
  // The cache may lag behind our own last word on this request.
  return deps.attempts.isSettled(record.uid) ? undefined : record
}

interface Attempt {
  readonly record: OpenRecord
  readonly current: CurrentIssuer | undefined
  readonly signal: AbortSignal
}

/** Undefined where this process may not ask a PKI. */
async function attempt(deps: RequestsDeps, { record, current, signal }: Attempt): Promise<Attempted | undefined> {
  const decision = decide(factsOf(deps, record, current))
  if (decision.do !== 'sign') return { outcome: { kind: 'refused', refused: decision } }
  if (current?.backend === undefined || !deps.mayAct()) return undefined
  deps.attempts.sending(record.uid, decision.base)
  const name = backendName(current.facts.spec)
  return signAndProve(deps, { sign: decision, backend: current.backend, name, signal })
}

interface Settling {
  readonly key: string
  readonly record: OpenRecord
  readonly attempted: Attempted
}

async function settle(deps: RequestsDeps, { key, record, attempted }: Settling): Promise<Again> {
  const { verdict, events, again, recheckIssuer } = conclude(attempted.outcome)
  const issuer = issuerKey(record.issuer)
  if (verdict === undefined) return again
  const result = await writeOnce(deps, { key, record, attempted }, verdict)
  if (result === 'gone' || result === 'conflict') {
    await attempted.discard?.()
    return result === 'gone' ? 'when-changed' : 'with-backoff'
  }
  if (result === 'written') {
    for (const event of events) deps.tell(key, record, event)
    deps.observe({
      key,
      issuer,
      uid: record.uid,
      reason: verdict.reason,
      code: events[0]?.reason ?? verdict.reason,
      message: verdict.message,
      serialNumber: attempted.certificate?.serialNumber,
      sinceApprovalMs: deps.now() - record.facts.approvedAt,
    })
  }
  if (attempted.certificate !== undefined)
    deps.issued(issuer, lastIssuance(key, record, { certificate: attempted.certificate, now: deps.now() }))
  if (recheckIssuer)
    deps.recheckIssuer(issuer, attempted.outcome.kind === 'error' ? attempted.outcome.error : undefined)
  return again
}

async function writeOnce(
  deps: RequestsDeps,
  { key, record, attempted }: Settling,
  verdict: Verdict,
): Promise<WriteResult> {
  const final = verdict.reason !== 'Pending'
  if (final) deps.attempts.settle(record.uid)
  let result: WriteResult | undefined
  try {
    result = await deps.write(key, record, verdict)
    return result
  } catch (error) {
    // A write that was held back did not take place, unlike others that fail.
    if (isNotLeading(error)) return 'conflict'
    if (attempted.answer !== undefined) deps.attempts.keep(record.uid, attempted.answer)
    throw error
  } finally {
    if (final && result !== 'written') deps.attempts.reopen(record.uid)
  }
}

function lastIssuance(
  key: string,
  { facts: { form } }: OpenRecord,
  { certificate, now }: { readonly certificate: Certificate; readonly now: number },
): LastIssuance {
  const [namespace, name] = splitKey(key)
  return {
    time: formatTime(now),
    kind: form,
    ...(namespace === '' ? {} : { namespace }),
    name,
    serialNumber: certificate.serialNumber,
    notAfter: formatTime(certificate.notAfter),
  }
}
