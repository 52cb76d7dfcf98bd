import { toHex } from '../../../pki/bytes.ts'
import { AwsError, asQueryError } from './aws-error.ts'
import type { Fault } from './faults.ts'
import type { JournalEntry } from './journal.ts'
import type { AcmPcaParts } from './parts.ts'
import { throttled } from './quotas.ts'
import type { ServiceAnswer } from './service.ts'
import { type Caller, verifySignature, type WireRequest } from './sigv4.ts'
import type { XmlTree } from './sts.ts'
import {
  type Asked,
  askedFor,
  errorReply,
  type Frame,
  jsonReply,
  readRequest,
  reply,
  type WireReply,
  xmlReply,
} from './wire.ts'

/** What is to be done with the connection, and how long that takes. */
export type Outcome = Act & { readonly latencyMs: number }

type Act =
  | { readonly do: 'answer'; readonly reply: WireReply }
  | { readonly do: 'break' }
  /** No answer until the faults are told to let go. */
  | { readonly do: 'hang' }

type Note = Pick<JournalEntry, 'certificateArn' | 'repeat' | 'tokenCollision'>

interface Done {
  readonly reply: WireReply
  readonly outcome: string
  readonly note?: Note | undefined
}

/** Everything that is known of one request. */
interface Visit {
  readonly asked: Asked
  readonly frame: Frame
  readonly caller: Caller | AwsError | undefined
}

const HUGE_OCTETS = 16 * 1024 * 1024

/** From a request to an outcome: who calls, what goes wrong, whether there is quota left, and the service itself. */
export function visit(parts: AcmPcaParts, request: WireRequest): Outcome {
  const asked = readRequest(request)
  return { ...act(parts, request, asked), latencyMs: parts.faults.latencyOf(asked.operation) }
}

function act(parts: AcmPcaParts, request: WireRequest, asked: Asked): Act {
  const now = parts.now()
  const frame = { service: asked.service, operation: asked.operation, requestId: requestId(parts), now }
  const visited: Visit = { asked, frame, caller: identify(parts, { request, asked, now }) }
  const fault = parts.faults.next(asked.operation)
  const before = fault === undefined ? undefined : faultBeforeWork(fault, frame)
  if (fault !== undefined && before !== undefined) {
    note(parts, visited, { outcome: `fault: ${fault.kind}` })
    return before
  }
  const done = work(parts, visited)
  if (fault === undefined) {
    note(parts, visited, done)
    return { do: 'answer', reply: done.reply }
  }
  note(parts, visited, { outcome: `fault: ${fault.kind}`, note: done.note })
  return faultAfterWork(fault, frame, done.reply)
}

function identify(
  parts: AcmPcaParts,
  { request, asked, now }: { readonly request: WireRequest; readonly asked: Asked; readonly now: number },
): Caller | AwsError | undefined {
  if (asked.operation === 'AssumeRoleWithWebIdentity') return undefined
  try {
    const { credentials, signingKeys, region } = parts
    return verifySignature(request, { credentials, signingKeys, service: asked.service, region, now })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return asked.service === 'sts' ? asQueryError(error) : error
  }
}

function work(parts: AcmPcaParts, { asked, frame, caller }: Visit): Done {
  try {
    if (caller instanceof AwsError) throw caller
    return asked.service === 'sts'
      ? workSts(parts, { asked, frame, caller })
      : workPrivateCa(parts, { asked, frame, caller })
  } catch (error) {
    if (error instanceof AwsError) return { reply: errorReply(frame, error), outcome: error.code }
    // A mistake of the fake: told at once, and in the journal for the test that comes upon it.
    const bug = new AwsError('InternalFailure', `the fake failed: ${String(error)}`, 500)
    return { reply: errorReply(frame, bug), outcome: bug.message }
  }
}

interface Admitted<Service extends Asked['service']> {
  readonly asked: Extract<Asked, { readonly service: Service }>
  readonly frame: Frame
  readonly caller: Caller | undefined
}

function workSts(parts: AcmPcaParts, { asked, frame, caller }: Admitted<'sts'>): Done {
  const { operation, fields } = asked
  const tree: XmlTree = parts.sts.call({ operation, fields, principal: caller?.principal, now: frame.now })
  return { reply: xmlReply(frame, tree), outcome: 'ok' }
}

function workPrivateCa(parts: AcmPcaParts, { asked, frame, caller }: Admitted<'acm-pca'>): Done {
  if (caller === undefined) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const { principal, region } = caller
  const { operation, now } = frame
  parts.quotas.take(operation, `${principal.account} ${region}`, now)
  const { input } = asked
  if (input === undefined)
    throw new AwsError('SerializationException', 'Unexpected character in the body of the request')
  const answer: ServiceAnswer = parts.service.call({ operation, input, principal, region, now })
  return { reply: jsonReply(frame, answer.output), outcome: 'ok', note: answer.note }
}

const REFUSALS: Readonly<Record<string, AwsError>> = {
  throttle: throttled(),
  'expired-token': new AwsError('ExpiredTokenException', 'The security token included in the request is expired'),
  'access-denied': new AwsError('AccessDeniedException', 'User is not authorized to perform this action'),
  'limit-exceeded': new AwsError('LimitExceededException', 'The quota of certificates has been exceeded'),
}

function faultBeforeWork(fault: Fault, frame: Frame): Act | undefined {
  const refusal = refusalOf(fault)
  if (refusal !== undefined)
    return { do: 'answer', reply: errorReply(frame, frame.service === 'sts' ? asQueryError(refusal) : refusal) }
  if (fault.kind === 'reset') return { do: 'break' }
  if (fault.kind === 'hang' && fault.workDone !== true) return { do: 'hang' }
  return fault.kind === 'server-error' && fault.workDone !== true ? serverError(fault, frame) : undefined
}

function refusalOf(fault: Fault): AwsError | undefined {
  return fault.kind === 'error'
    ? new AwsError(fault.code, fault.message ?? fault.code, fault.status)
    : REFUSALS[fault.kind]
}

function faultAfterWork(fault: Fault, frame: Frame, done: WireReply): Act {
  if (fault.kind === 'hang') return { do: 'hang' }
  if (fault.kind === 'server-error') return serverError(fault, frame)
  if (fault.kind === 'garbage') return { do: 'answer', reply: reply(frame, 200, '<html>not what was asked for') }
  if (fault.kind === 'huge') {
    const grown = done.body.padEnd(fault.octets ?? HUGE_OCTETS, ' ')
    return { do: 'answer', reply: { ...done, body: grown } }
  }
  return { do: 'break' }
}

function serverError({ status = 500, body = true }: Extract<Fault, { kind: 'server-error' }>, frame: Frame): Act {
  const error = new AwsError('InternalFailure', 'The request processing has failed because of an unknown error', status)
  return { do: 'answer', reply: body ? errorReply(frame, error) : reply(frame, status, '') }
}

function note(parts: AcmPcaParts, { asked, frame, caller }: Visit, done: Pick<Done, 'outcome' | 'note'>): void {
  const known = caller === undefined || caller instanceof AwsError ? undefined : caller
  const { service, operation, now } = frame
  parts.journal.note({
    at: now,
    service,
    operation,
    ...(known && { principal: known.principal.arn, region: known.region }),
    ...askedFor(asked),
    ...done.note,
    outcome: done.outcome,
  })
}

/** In the form of a UUID. */
function requestId({ random }: AcmPcaParts): string {
  const hex = toHex(random(16))
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
