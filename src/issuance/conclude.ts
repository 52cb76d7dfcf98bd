import type { SigningError, Ticket } from '../backends/backend.ts'
import type { Refused, TrustStep } from './decide.ts'
import { reasonOf } from './reason.ts'

/** What became of an attempt. */
export type Outcome =
  | { readonly kind: 'refused'; readonly refused: Refused }
  | { readonly kind: 'denied' }
  | { readonly kind: 'pending'; readonly ticket: Ticket | undefined; readonly pollAfterMs: number }
  | { readonly kind: 'error'; readonly error: PkiRefusal }
  | { readonly kind: 'unproved'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'issued'
      readonly certificatePem: string
      readonly caPem: string
      readonly trust: TrustStep | undefined
    }

/** What a PKI answered instead of a certificate. */
export type PkiRefusal = Pick<SigningError, 'remedy' | 'code' | 'message' | 'retryAfterMs' | 'part'>

export interface Conclusion {
  /** What to say in the status of the request; undefined while there is nothing worth a write. */
  readonly verdict: Verdict | undefined
  /** When to look again: after a time, with growing gaps, or only once something it waits for has changed. */
  readonly again: { readonly afterMs: number } | 'with-backoff' | 'when-changed'
  /** The attempt showed that the issuer may be broken. */
  readonly recheckIssuer: boolean
  readonly events: readonly RequestEvent[]
}

export interface Verdict {
  /** cert-manager's reasons of the Ready condition. */
  readonly reason: 'Issued' | 'Pending' | 'Failed' | 'Denied'
  readonly message: string
  readonly issued?: { readonly certificatePem: string; readonly caPem: string; readonly trust: TrustStep | undefined }
}

export interface RequestEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

/** cert-manager puts the message on the Certificate and into events, and a note holds 1 kB: octets of UTF-8. */
const MESSAGE_LIMIT = 1000
/** No gap is longer, whoever names it: a timer of Node fires at once beyond 24.8 days. */
const LONGEST_MS = 86_400_000
/** A PKI that says "at once" is not asked in a loop. */
const SHORTEST_MS = 1000

/** A PKI that has not signed after so many polls takes longer than is usual. */
const USUAL_POLLS = 4
/** A wait for quota that is worth telling. */
const LONG_WAIT_MS = 5000

/** Turns an outcome into what is written, what is told, and when to look again. Denials and failures are final. */
export function conclude(outcome: Outcome): Conclusion {
  switch (outcome.kind) {
    case 'refused':
      return refusedConclusion(outcome.refused)
    case 'denied':
      return settled('Denied', 'Denied', 'an approver denied the request, so it will never be signed')
    case 'pending':
      return pendingConclusion(outcome)
    case 'error':
      return errorConclusion(outcome.error)
    case 'unproved':
      return { ...waiting(reasonOf(outcome.code), outcome.message), again: 'with-backoff', recheckIssuer: true }
    case 'issued':
      return issuedConclusion(outcome)
  }
}

/** A write is worth it once signing outlasts what is usual: then another process finds where it stands. */
function pendingConclusion({ ticket, pollAfterMs }: Extract<Outcome, { kind: 'pending' }>): Conclusion {
  const outlasts = ticket === undefined ? pollAfterMs >= LONG_WAIT_MS : ticket.polls >= USUAL_POLLS
  const message =
    ticket === undefined
      ? "the PKI's quota is used up for the moment; the request is in line"
      : 'the PKI has taken the request and is signing it'
  return {
    verdict: outlasts ? { reason: 'Pending', message } : undefined,
    again: { afterMs: Math.min(LONGEST_MS, Math.max(1, pollAfterMs)) },
    recheckIssuer: false,
    events: [],
  }
}

function refusedConclusion({ do: what, code, message, waitMs }: Refused): Conclusion {
  if (what === 'fail') return settled('Failed', code, message)
  return { ...waiting(code, message), again: waitMs === undefined ? 'when-changed' : { afterMs: bounded(waitMs) } }
}

function errorConclusion({ remedy, code, message, retryAfterMs }: PkiRefusal): Conclusion {
  if (remedy === 'give-up') return settled('Failed', reasonOf(code), message)
  return {
    ...waiting(reasonOf(code), message),
    again: retryAfterMs === undefined ? 'with-backoff' : { afterMs: bounded(retryAfterMs) },
    recheckIssuer: remedy === 'recheck-issuer',
  }
}

function issuedConclusion({ certificatePem, caPem, trust }: Extract<Outcome, { kind: 'issued' }>): Conclusion {
  const events: RequestEvent[] = [{ type: 'Normal', reason: 'Issued', note: 'the certificate is signed and proved' }]
  if (trust?.changesSet) {
    const note =
      'ca.crt changes with this certificate: istiod needs ISTIO_MULTIROOT_MESH or a restart, and drops renewals until then'
    events.push({ type: 'Warning', reason: 'TrustSetChanged', note })
  }
  return {
    verdict: {
      reason: 'Issued',
      message: 'the certificate is signed and proved',
      issued: { certificatePem, caPem, trust },
    },
    again: 'when-changed',
    recheckIssuer: false,
    events,
  }
}

function settled(reason: 'Failed' | 'Denied', code: string, message: string): Conclusion {
  const note = oneLine(message)
  return {
    verdict: { reason, message: note },
    again: 'when-changed',
    recheckIssuer: false,
    events: [{ type: 'Warning', reason: code, note }],
  }
}

function waiting(code: string, message: string): Conclusion {
  const note = oneLine(message)
  return {
    verdict: { reason: 'Pending', message: note },
    again: 'when-changed',
    recheckIssuer: false,
    events: [{ type: 'Warning', reason: code, note }],
  }
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms))
}

function oneLine(message: string): string {
  const line = message.toWellFormed().replace(/\s+/g, ' ').trim()
  const octets = Buffer.from(line)
  if (octets.length <= MESSAGE_LIMIT) return line
  const mark = '…'
  // A character that the cut goes through is left out.
  const kept = new TextDecoder().decode(octets.subarray(0, MESSAGE_LIMIT - Buffer.byteLength(mark)), { stream: true })
  return `${kept}${mark}`
}
