import { TransportError } from './transport.ts'

/** How a call to AWS failed. */
export type Failure =
  /** An answer with the name of an error, without its ending "Exception". `words`: what AWS says about it. */
  | { readonly kind: 'refused'; readonly name: string; readonly words: string }
  /** 5xx, or a request that was given up on: the work may have been done. */
  | { readonly kind: 'server'; readonly status: number }
  /** An answer that the service does not give: the work may have been done. */
  | { readonly kind: 'unreadable'; readonly status: number | undefined }
  /** The call did not get there. */
  | { readonly kind: 'unreached'; readonly code: string }
  /** The call was sent, and no answer came: the work may have been done. */
  | { readonly kind: 'lost'; readonly code: string }
  /** No credentials were found to call with. */
  | { readonly kind: 'no-credentials' }

/** Longer is no sentence; a name of an error is one word. */
const MOST_WORDS = 600
const NAME = /^[A-Za-z][A-Za-z0-9]{1,79}$/
/** Access keys, and anything as long as a token or a key; ARNs are what messages are about. */
const SECRET = /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|(?<![\w:/+=.-])(?!arn:)[\w/+=.-]{40,}/g

/** What AWS calls a request that it gave up on, with a status of 4xx all the same. */
const BROKEN_OFF = /^(?:RequestTimeout|RequestAborted|InternalFailure|InternalError|ServiceUnavailable)(?:Exception)?$/

/** What was thrown by a call through the SDK, made out by names and numbers alone. */
export function readFailure(error: unknown): Failure {
  if (error instanceof TransportError) return { kind: error.sent ? 'lost' : 'unreached', code: error.code }
  if (!(error instanceof Error)) return { kind: 'unreadable', status: undefined }
  const status = statusOf(error)
  if (status === undefined && /^\w*ProviderError$/.test(error.name)) return { kind: 'no-credentials' }
  if (status === 429) return { kind: 'refused', name: 'Throttling', words: '' }
  if (status !== undefined && (status >= 500 || BROKEN_OFF.test(error.name))) return { kind: 'server', status }
  // The SDK gives this name where the answer has none, and the parser's own errors where it is no JSON or XML.
  const named =
    status !== undefined &&
    status >= 400 &&
    NAME.test(error.name) &&
    !/^(?:Unknown|Error$|SyntaxError$)/.test(error.name)
  if (!named) return { kind: 'unreadable', status }
  return { kind: 'refused', name: error.name.replace(/Exception$/, ''), words: oneLine(error.message) }
}

/** Whether what was asked for may have been done, though nobody was told. */
export function mayHaveActed(failure: Failure): boolean {
  if (failure.kind === 'unreadable') return failure.status === undefined || failure.status < 300
  return failure.kind === 'server' || failure.kind === 'lost'
}

/** What AWS calls credentials that do not count any more, or a signature that is not right. */
const SIGNATURE: readonly string[] = ['InvalidSignature', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed']
const STALE: readonly string[] = [
  ...SIGNATURE,
  'ExpiredToken',
  'RequestExpired',
  'UnrecognizedClient',
  'InvalidClientTokenId',
]

/** Whether other credentials might fare better. */
export function isStale(failure: Failure): boolean {
  return failure.kind === 'refused' && STALE.includes(failure.name)
}

/** Whether the same credentials might, now that the SDK knows the clock of the service. */
export function isSignatureFailure(failure: Failure): boolean {
  return failure.kind === 'refused' && SIGNATURE.includes(failure.name)
}

const THROTTLES: readonly string[] = [
  'Throttling',
  'Throttled',
  'RequestThrottled',
  'RequestLimitExceeded',
  'TooManyRequests',
  'SlowDown',
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
]

export function isThrottle(failure: Failure): boolean {
  return failure.kind === 'refused' && THROTTLES.includes(failure.name)
}

/** The SDK keeps it in one of two places: an error that the service named, or an answer that it could not read. */
function statusOf(error: Error): number | undefined {
  const named = numberIn('$metadata' in error ? error.$metadata : undefined, 'httpStatusCode')
  return named ?? numberIn('$response' in error ? error.$response : undefined, 'statusCode')
}

function numberIn(object: unknown, member: string): number | undefined {
  const value = typeof object === 'object' && object !== null ? Reflect.get(object, member) : undefined
  return typeof value === 'number' ? value : undefined
}

function oneLine(message: string): string {
  const line = message
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(SECRET, '…')
    .trim()
  return line.length <= MOST_WORDS ? line : `${line.slice(0, MOST_WORDS)}…`
}
