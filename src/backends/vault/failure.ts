import { proxyCode } from '../outbound.ts'
import { isRecord, readText, readTexts } from './json.ts'

/** What is known of a failed call beside its status. */
export interface VaultFailureDetails {
  /** `errors` of the answer, or all of one that is no JSON: for comparing with known texts, never for a message. */
  readonly texts?: readonly string[]
  readonly retryAfterMs?: number
  /** Of the system, OpenSSL or undici, such as ECONNREFUSED. */
  readonly code?: string
  readonly cause?: unknown
}

/** A call that the server refused, or that did not come through. */
export class VaultFailure extends Error {
  override readonly name = 'VaultFailure'
  /** HTTP status; 0 where there was no answer, or none that can be read. */
  readonly status: number
  readonly texts: readonly string[]
  readonly retryAfterMs: number | undefined
  readonly code: string | undefined

  constructor(status: number, { texts = [], retryAfterMs, code, cause }: VaultFailureDetails = {}) {
    super(status === 0 ? `no answer (${code ?? 'unknown'})` : `status ${status}`, { cause })
    this.status = status
    this.texts = texts
    this.retryAfterMs = retryAfterMs
    this.code = code
  }

  says(pattern: RegExp): boolean {
    return this.texts.some((text) => pattern.test(text))
  }
}

/** The code of an answer that is no JSON object. */
export const UNREADABLE = 'ANSWER_UNREADABLE'

/** A server may ask for patience, but not for ever: 5 minutes. */
const MOST_RETRY_AFTER_MS = 300_000

/** Reads an answer that is not 2xx. @param body JSON, or the text of what is none */
export function refusal(status: number, body: unknown, retryAfter: string | undefined): VaultFailure {
  const texts = (isRecord(body) ? readTexts(body.errors) : readTexts([readText(body)])) ?? []
  const retryAfterMs = readRetryAfter(retryAfter)
  return new VaultFailure(status, retryAfterMs === undefined ? { texts } : { texts, retryAfterMs })
}

/** A connection that could not be made, or broke. */
export function unreachable(cause: unknown): VaultFailure {
  return new VaultFailure(0, { code: proxyCode(cause) ?? codeOf(cause) ?? 'unknown', cause })
}

function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return codeOf(cause.cause)
}

/** Seconds (RFC 9110 10.2.3), as Vault sends it. */
function readRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined
  return Math.min(Number(text) * 1000, MOST_RETRY_AFTER_MS)
}
