/** A call that the API server refused or that did not come through. The message never holds the body of an unknown answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  /** `reason` of the Status object (NotFound, Conflict, Expired, …), or `Unreachable`. */
  readonly reason: string
  readonly retryAfterMs: number | undefined

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.reason = reason
    this.retryAfterMs = options.retryAfterMs
  }
}

const MESSAGE_LIMIT = 500

/** Reads an answer that is not 2xx; only the parts of a Kubernetes Status are passed on. */
export function apiErrorOf(status: number, body: string, retryAfter: string | undefined): ApiError {
  const stated = readStatus(body)
  const retryAfterMs = retryAfterMsOf(retryAfter)
  return new ApiError(
    status,
    stated?.reason ?? `Http${status}`,
    stated === undefined ? `the API server answered ${status}` : `the API server answered ${status}: ${stated.message}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  )
}

/** A connection that failed or broke. */
export function unreachable(cause: unknown): ApiError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer'
  return new ApiError(0, 'Unreachable', `the API server cannot be reached (${code})`, { cause })
}

/** An object of kind Status, as an answer or in the middle of a watch; undefined for anything else. */
export function readStatus(
  body: unknown,
): { readonly code: number; readonly reason: string; readonly message: string } | undefined {
  const value = typeof body === 'string' ? parse(body) : body
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'Status') return undefined
  const code = 'code' in value && typeof value.code === 'number' ? value.code : 0
  const reason = 'reason' in value && typeof value.reason === 'string' ? value.reason : `Http${code}`
  const message =
    'message' in value && typeof value.message === 'string' ? value.message.slice(0, MESSAGE_LIMIT) : reason
  return { code, reason, message }
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
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined
}
