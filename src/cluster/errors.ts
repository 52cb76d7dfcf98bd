import { isObject, readInteger, readString } from '../api/read.ts'

/** What is known of a failed call beside its message. */
export interface ApiErrorDetails {
  readonly retryAfterMs?: number
  readonly code?: string
  readonly cause?: unknown
}

/** A call that the API server refused or that did not come through. The message never holds the body of an unknown answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 where there was no answer, or none that can be read. */
  readonly status: number
  /** `reason` of the Status object (NotFound, Conflict, Expired, …), or Unreachable, Timeout, Aborted, NotLeading, Credentials, Unreadable. */
  readonly reason: string
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined
  /** Of the system or of undici, such as ECONNREFUSED. */
  readonly code: string | undefined

  constructor(status: number, reason: string, message: string, details: ApiErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.status = status
    this.reason = reason
    this.retryAfterMs = details.retryAfterMs
    this.code = details.code
  }
}

/** A Kubernetes Status (metav1.Status), as far as it is read. */
export interface Status {
  readonly code: number
  readonly reason: string
  readonly message: string
}

/** Messages of a Status may quote objects of others, so they are cut: UTF-16 units. */
const MESSAGE_LIMIT = 500
/** A server may ask for patience, but not for ever: 5 minutes. */
const MOST_RETRY_AFTER_MS = 300_000

/** Reads an answer that is not 2xx; only the parts of a Kubernetes Status are passed on. */
export function refusal(status: number, body: string, retryAfter: string | undefined): ApiError {
  const stated = readStatus(parse(body))
  const retryAfterMs = retryAfterMsOf(retryAfter)
  return new ApiError(
    status,
    stated?.reason ?? `Http${status}`,
    stated === undefined ? `the API server answered ${status}` : `the API server answered ${status}: ${stated.message}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  )
}

/** A connection that could not be made, or broke. */
export function unreachable(cause: unknown): ApiError {
  const code = codeOf(cause)
  const hint = isTrustCode(code) ? '; its certificate does not fit the certificate authority that is configured' : ''
  return new ApiError(0, 'Unreachable', `the API server cannot be reached (${code})${hint}`, { cause, code })
}

/** An object of kind Status, as an answer or in the middle of a watch; undefined for anything else. */
export function readStatus(value: unknown): Status | undefined {
  if (!isObject(value) || value.kind !== 'Status') return undefined
  const code = readInteger(value.code) ?? 0
  const reason = readString(value.reason) ?? `Http${code}`
  return { code, reason, message: (readString(value.message) ?? reason).slice(0, MESSAGE_LIMIT) }
}

/** Whether the API server answered with this status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status
}

/** Whether the API server says that there is no such object; it answers 404 without a word for a kind that it does not serve. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.reason === 'NotFound'
}

/** Whether the call was not sent, since this process may not act any more. */
export function isNotLeading(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotLeading'
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no answer'
}

/** Codes of OpenSSL's certificate verification, as Node names them. */
function isTrustCode(code: string): boolean {
  return /CERT|UNABLE_TO_|ERR_TLS/.test(code)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seconds, as API servers send it (RFC 9110 10.2.3); a date is not used there. */
function retryAfterMsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined
  return Math.min(Number(text) * 1000, MOST_RETRY_AFTER_MS)
}
