import { type Condition, transition } from '../api/condition.ts'
import { formatTime } from '../api/time.ts'
import type { Verdict } from './conclude.ts'
import { endedTicketCondition, ticketCondition } from './ticket-condition.ts'
import { issuedCondition, type Note, notedCondition } from './trust-condition.ts'

/** The `status` of a CertificateRequest as it is applied; absent fields are not ours to write now. */
export interface CertificateRequestStatusPatch {
  readonly conditions: readonly Condition[]
  readonly certificate?: string
  readonly ca?: string
  readonly failureTime?: string
}

/** The `status` of a certificates.k8s.io CertificateSigningRequest as it is applied. */
export interface KubernetesCsrStatusPatch {
  readonly certificate?: string
  readonly conditions?: readonly KubernetesCsrCondition[]
}

export interface KubernetesCsrCondition extends Condition {
  /** RFC 3339. */
  readonly lastUpdateTime: string
}

/**
 * The status to apply, or undefined where it already stands. Ready, certificate, ca and failureTime go together: cert-manager
 * crashes on a failureTime without Ready, and never deletes a failed request without one (cert-manager v1.21.1
 * pkg/controller/certificates/issuing, requestmanager).
 * @param verdict with what the Certificate carries, where that is known: noted for as long as the request is not issued; and
 *   with the ticket of a PKI that is signing
 * @param before the Ready condition and the ticket that the request has now
 * @param now epoch milliseconds
 */
export function certificateRequestStatus(
  verdict: Verdict & { readonly carried?: Note; readonly ticket?: string },
  before: { readonly ready: Condition | undefined; readonly ticket?: string },
  now: number,
): CertificateRequestStatusPatch | undefined {
  const { reason, message, issued, carried, ticket } = verdict
  const status = issued === undefined ? 'False' : 'True'
  const stands = before.ready?.status === status && before.ready.reason === reason && before.ready.message === message
  if (stands && (ticket === undefined || ticket === before.ticket)) return undefined
  const ready = transition(before.ready, { type: 'Ready', status, reason, message }, now)
  if (issued !== undefined) {
    const trust = issued.trust && issuedCondition(issued.trust, now)
    return {
      conditions: trust === undefined ? [ready] : [ready, trust],
      certificate: base64(issued.certificatePem),
      ca: base64(issued.caPem),
    }
  }
  const note = carried === undefined ? [] : [notedCondition(carried)]
  if (reason !== 'Pending') return { conditions: [ready, ...note], failureTime: formatTime(now) }
  return { conditions: [ready, ...note, ...(ticket === undefined ? [] : [ticketCondition(ticket, now)])] }
}

/**
 * Kubernetes has no Ready and no pending state there: waiting is told by events alone, and written only with the ticket of a
 * PKI that is signing.
 * @param before the ticket that the request has now
 */
export function kubernetesCsrStatus(
  { reason, message, issued, ticket }: Verdict & { readonly ticket?: string },
  before: string | undefined,
  now: number,
): KubernetesCsrStatusPatch | undefined {
  const lastUpdateTime = formatTime(now)
  const ended = before === undefined ? [] : [{ ...endedTicketCondition(before, now), lastUpdateTime }]
  if (issued !== undefined) {
    const certificate = base64(issued.certificatePem)
    return ended.length === 0 ? { certificate } : { certificate, conditions: ended }
  }
  if (reason === 'Failed') {
    const failed = { type: 'Failed', status: 'True', reason, message, lastTransitionTime: lastUpdateTime } as const
    return { conditions: [{ ...failed, lastUpdateTime }, ...ended] }
  }
  if (reason !== 'Pending' || ticket === undefined || ticket === before) return undefined
  return { conditions: [{ ...ticketCondition(ticket, now), lastUpdateTime }] }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
