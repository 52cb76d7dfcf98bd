import type { Condition } from '../api/condition.ts'
import { formatTime } from '../api/time.ts'

/**
 * Our own condition on a CertificateRequest that a PKI is signing: its message is the PKI's name of what is being made, so
 * that another process goes on from there.
 */
export const TICKET_CONDITION = 'meshca.dev/Signing'

const REASON = 'TakenByPKI'
const TICKET = /^[\x21-\x7e]{1,512}$/

export function ticketCondition(ticket: string, now: number): Condition {
  return {
    type: TICKET_CONDITION,
    status: 'True',
    reason: REASON,
    message: ticket,
    lastTransitionTime: formatTime(now),
  }
}

/** What takes its place where it cannot be taken away: a Kubernetes signing request keeps every condition. */
export function endedTicketCondition(ticket: string, now: number): Condition {
  return { ...ticketCondition(ticket, now), status: 'False', reason: 'Ended' }
}

/** Reads what `ticketCondition` wrote; undefined for anything else. */
export function readTicket(condition: Condition | undefined): string | undefined {
  const { reason, message = '' } = condition ?? {}
  return reason === REASON && TICKET.test(message) ? message : undefined
}
