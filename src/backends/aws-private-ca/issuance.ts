import { SigningError, type SigningRequest, type SigningResult, type Ticket } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import { IssuedReader } from './answer.ts'
import { type AuthorityArn, isCertificateOf } from './arn.ts'
import type { AuthorityReader } from './authority.ts'
import { CallError, type PcaClient } from './client.ts'
import { type CallContext, pcaError } from './errors.ts'
import { type Failure, isThrottle, mayHaveActed } from './failure.ts'
import { refuseBeyondAuthority } from './limits.ts'
import type { Place } from './line.ts'
import { pollGapMs } from './polling.ts'
import { type Quota, spread, type Turn, turnOf } from './quota.ts'
import type { Shared } from './shared.ts'
import { leftBehind, lostCertificate, lostElsewhere } from './strays.ts'
import { TemplateRecord } from './template-record.ts'
import { chooseTemplate } from './templates.ts'
import { idempotencyToken, type Order } from './token.ts'

export interface IssuanceDeps {
  readonly client: PcaClient
  readonly authority: AuthorityReader
  readonly arn: AuthorityArn
  readonly context: Omit<CallContext, 'action'>
  /** As the owner pins it. */
  readonly templateName: string | undefined
  readonly shared: Shared
  readonly services: BackendServices
}

/** The CA may have another state than was seen last. */
const CHANGED: readonly string[] = ['InvalidState', 'ResourceNotFound', 'Validation', 'InvalidArgs']
/** Polls after which a certificate that AWS calls failed or missing will not come any more. */
const MOST_MISSES = 10
/** Polls that may fail before it is worth telling. */
const QUIET_POLLS = 4
/** Each attempt loses up to two answers. */
const LOST_MS = { first: 1000, longest: 30_000 }

/** Orders certificates and collects them, each in a call of its own to `sign`. */
export class Issuance {
  readonly #deps: IssuanceDeps
  readonly #templates = new TemplateRecord()
  readonly #answers = new IssuedReader()

  constructor(deps: IssuanceDeps) {
    this.#deps = deps
  }

  /** A ticket that is no certificate of this CA was not given by it, and counts for nothing. */
  async sign(request: SigningRequest, signal: AbortSignal): Promise<SigningResult> {
    signal.throwIfAborted()
    const { ticket } = request
    if (ticket !== undefined && isCertificateOf(this.#deps.arn.text, ticket.value))
      return this.#collect(ticket, request, signal)
    return this.#order(request, signal)
  }

  async #collect(ticket: Ticket, request: SigningRequest, signal: AbortSignal): Promise<SigningResult> {
    const { client, shared, services } = this.#deps
    const { value } = ticket
    const turn = await this.#turn(shared.get, placeOf(request), signal)
    if ('pollAfterMs' in turn) return { state: 'pending', ...turn }
    try {
      const answer = await client.certificate(value, signal)
      shared.get.accepted(services.monotonic())
      return answer === undefined ? this.#again(ticket) : this.#answers.read(answer)
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      const { failure } = error
      if (isThrottle(failure))
        return { state: 'pending', ticket: value, pollAfterMs: this.#slower(shared.get, turn, 'GetCertificate') }
      return this.#missed(ticket, failure)
    }
  }

  #again({ value, polls }: Ticket): SigningResult {
    return { state: 'pending', ticket: value, pollAfterMs: pollGapMs(polls, this.#deps.services.random()) }
  }

  /** It was ordered, so it is never ordered again: what is not there in the end needs another request. */
  #missed(ticket: Ticket, failure: Failure): SigningResult {
    const missing = failure.kind === 'refused' && ['RequestFailed', 'ResourceNotFound'].includes(failure.name)
    const passing = failure.kind === 'unreached' || mayHaveActed(failure)
    if (passing && ticket.polls < QUIET_POLLS) return this.#again(ticket)
    if (!missing) throw pcaError(failure, { ...this.#deps.context, action: 'GetCertificate' })
    if (ticket.polls < MOST_MISSES) return this.#again(ticket)
    throw new SigningError(
      'give-up',
      'certificate-not-made',
      `AWS took the request and did not make the certificate ${ticket.value}; request a new one`,
    )
  }

  async #order(request: SigningRequest, signal: AbortSignal): Promise<SigningResult> {
    const { authority, arn, shared, templateName } = this.#deps
    const known = await authority.known(signal)
    refuseBeyondAuthority(request, known.authority)
    const choice = chooseTemplate(request, templateName)
    const order = { ...choice, authority: arn.text, signingAlgorithm: known.signingAlgorithm, request }
    const turn = await this.#turn(shared.issue, placeOf(request, shared.lost.number(request.uid)), signal)
    if ('pollAfterMs' in turn) return { state: 'pending', ...turn }
    return this.#send({ order, turn, request }, signal, true)
  }

  async #send(sending: Sending, signal: AbortSignal, mayRepeat: boolean): Promise<SigningResult> {
    const { client, shared, services } = this.#deps
    const { order, turn, request } = sending
    const [id, token] = [request.uid, idempotencyToken(order)]
    const sent = { token, at: services.monotonic(), number: turn.number }
    this.#tellLate(request, token, sent.at)
    try {
      const ticket = await client.issue(order, signal)
      const takenAt = services.monotonic()
      shared.issue.accepted(takenAt)
      // It may have waited for a connection.
      this.#tellLate(request, token, takenAt)
      this.#tellLeft(request)
      this.#templates.allowed(order.template)
      return this.#again({ value: ticket, polls: 0 })
    } catch (error) {
      if (signal.aborted) shared.lost.note(id, sent)
      if (!(error instanceof CallError) || signal.aborted) throw error
      const { failure } = error
      if (isThrottle(failure))
        return { state: 'pending', pollAfterMs: this.#slower(shared.issue, turn, 'IssueCertificate') }
      if (!mayHaveActed(failure)) throw this.#refused(order, failure)
      const times = shared.lost.note(id, sent)
      if (mayRepeat) return this.#repeat(sending, failure, signal)
      throw this.#lost(order, failure, times)
    }
  }

  #tellLate(request: SigningRequest, token: string, now: number): void {
    const { arn, shared, services } = this.#deps
    if (shared.lost.strays(request.uid, token, now)) services.report(lostCertificate(arn.text, request))
  }

  /** The request has its certificate, and what other orders came to is given to nobody. */
  #tellLeft(request: SigningRequest): void {
    const { shared, services } = this.#deps
    shared.lost.settle(request.uid)
    for (const authority of shared.lostElsewhere(request.uid)) services.report(lostElsewhere(authority, request))
    const left = leftBehind(request)
    if (left !== undefined) services.report(left)
  }

  /** The same order with the same token finds what the first one may have made. */
  async #repeat(sending: Sending, failure: Failure, signal: AbortSignal): Promise<SigningResult> {
    const { shared, services } = this.#deps
    const { request, order } = sending
    const place = placeOf(request, sending.turn.number)
    const answer = shared.issue.ask(place, services.monotonic())
    if (!('turn' in answer)) {
      shared.issue.leave(place)
      throw this.#lost(order, failure, 1)
    }
    services.report({ backend: 'AWSPrivateCA', what: 'retried', message: 'an order whose answer was lost is repeated' })
    return this.#send({ ...sending, turn: answer.turn }, signal, false)
  }

  #lost({ template }: Order, failure: Failure, times: number): SigningError {
    const { remedy, code, message } = pcaError(failure, { ...this.#deps.context, action: 'IssueCertificate', template })
    const retryAfterMs = Math.min(LOST_MS.longest, LOST_MS.first * 2 ** Math.min(Math.ceil(times / 2) - 1, 10))
    return new SigningError(remedy, code, message, { retryAfterMs })
  }

  #refused({ template }: Order, failure: Failure): SigningError {
    const error = pcaError(failure, { ...this.#deps.context, action: 'IssueCertificate', template })
    const changed = error.remedy === 'recheck-issuer' && failure.kind === 'refused' && CHANGED.includes(failure.name)
    if (changed) this.#deps.authority.forget()
    if (error.code !== 'access-denied' || this.#templates.denied(template)) return error
    return new SigningError(error.remedy, error.code, error.message)
  }

  async #turn(quota: Quota, place: Place, signal: AbortSignal): Promise<Turn | { readonly pollAfterMs: number }> {
    return turnOf(quota, place, { services: this.#deps.services, signal })
  }

  #slower(quota: Quota, turn: Turn, action: string): number {
    const { services } = this.#deps
    const waitMs = quota.throttled(turn, services.monotonic())
    const rate = Math.round(quota.perSecond)
    services.report({
      backend: 'AWSPrivateCA',
      what: 'throttled',
      message: `AWS throttles ${action}; now ${rate} calls/s`,
    })
    return spread(waitMs, services.random())
  }
}

/** @param number of the place in the line that the request had before */
function placeOf({ tenant, uid }: SigningRequest, number?: number): Place {
  return { tenant, id: uid, ...(number === undefined ? {} : { number }) }
}

interface Sending {
  readonly order: Order
  readonly turn: Turn
  readonly request: SigningRequest
}
