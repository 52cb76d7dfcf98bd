import type { BackendName } from '../api/issuer.ts'
import { type Issued, type OpenedBackend, SigningError, type SigningResult } from '../backends/backend.ts'
import { asAsked } from '../issuance/answer-checks.ts'
import type { Outcome } from '../issuance/conclude.ts'
import type { Sign } from '../issuance/decide.ts'
import { type Proof, verifyAnswer } from '../issuance/verify-answer.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { AttemptLog } from './attempt-log.ts'
import { callPki } from './pki-call.ts'

export interface SigningDeps {
  /** One call to a PKI: the back end, `issued`, `pending` or the code of its error, and how long it took. */
  readonly signed: (backend: BackendName, outcome: string, tookMs: number) => void
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly attempts: AttemptLog
}

/** What an attempt came to; `certificate` and `answer` where one was issued and proved. */
export interface Attempted {
  readonly outcome: Outcome
  readonly certificate?: Certificate
  readonly answer?: Issued
  /** To be called where the certificate could not be handed over, and never will be. */
  readonly discard?: () => Promise<void>
}

/** How long a PKI may take to answer: 60 seconds; a repeat is safe. */
const SIGN_TIMEOUT_MS = 60_000

/** Timers go by another clock than this, and may be a moment early by it. */
const TIMER_SLACK_MS = 5

/** One signature to be had: what to ask, whom, and what to call it in metrics. */
export interface Signing {
  readonly sign: Sign
  readonly backend: OpenedBackend
  readonly name: BackendName
  readonly signal: AbortSignal
}

/**
 * Asks the PKI and proves its answer; a refusal of the PKI is an outcome, anything else is thrown. What it signed before is
 * taken instead, where only the write failed.
 */
export async function signAndProve(deps: SigningDeps, signing: Signing): Promise<Attempted> {
  return signedBefore(deps, signing.sign) ?? (await signNow(deps, signing))
}

/** It may have been written all the same, so it is not discarded. */
function signedBefore({ attempts, now }: SigningDeps, sign: Sign): Attempted | undefined {
  const answer = attempts.unwritten(sign.request.uid)
  if (answer === undefined) return undefined
  const proof = verifyAnswer(sign, answer, now())
  return proof.ok ? proved(sign, answer, proof) : undefined
}

async function signNow(deps: SigningDeps, signing: Signing): Promise<Attempted> {
  try {
    const { sign } = signing
    const early = tooEarly(deps, sign)
    if (early !== undefined) return { outcome: early }
    const answer = await askPki(deps, signing)
    if (answer.state === 'pending') return { outcome: { kind: 'pending', ...taken(deps, sign, answer) } }
    const proof = verifyAnswer(sign, answer, deps.now())
    if (!proof.ok) {
      const [refused] = answer.chain
      await discard(signing, refused)
      return {
        outcome: isForGood(sign, refused)
          ? ordered(proof)
          : { kind: 'unproved', code: proof.code, message: proof.message },
      }
    }
    return { ...proved(sign, answer, proof), discard: () => discard(signing, proof.certificate) }
  } catch (error) {
    if (error instanceof SigningError) return { outcome: { kind: 'error', error } }
    throw error
  }
}

function proved(sign: Sign, answer: Issued, proof: Extract<Proof, { readonly ok: true }>): Attempted {
  const { certificatePem, caPem, certificate } = proof
  return { outcome: { kind: 'issued', certificatePem, caPem, trust: sign.trust }, certificate, answer }
}

/** What a ticket stands for was ordered once: where it is not what is asked for now, it will not become that. */
function isForGood(sign: Sign, certificate: Certificate | undefined): boolean {
  return sign.request.ticket !== undefined && certificate !== undefined && asAsked(certificate, sign) !== undefined
}

function ordered({ code, message }: Pick<SigningError, 'code' | 'message'>): Outcome {
  const words = `${message}; it was ordered for this request, perhaps before the issuer changed, so make a new request`
  return { kind: 'error', error: new SigningError('give-up', code, words) }
}

async function discard({ backend }: Signing, certificate: Certificate | undefined): Promise<void> {
  if (certificate !== undefined) await backend.discard?.(certificate)
}

/** Whatever woke the request, the PKI is asked when it said: each poll counts, at its quota and towards giving up. */
function tooEarly({ attempts, now }: SigningDeps, { request }: Sign): Outcome | undefined {
  const pollAfterMs = attempts.leaveMs(request.uid, now())
  return pollAfterMs < TIMER_SLACK_MS ? undefined : { kind: 'pending', ticket: request.ticket, pollAfterMs }
}

function taken(
  { attempts, now }: SigningDeps,
  { request }: Sign,
  { ticket, pollAfterMs }: Extract<SigningResult, { state: 'pending' }>,
): Pick<Extract<Outcome, { kind: 'pending' }>, 'ticket' | 'pollAfterMs'> {
  const asked = { at: now(), gapMs: pollAfterMs }
  return { ticket: ticket === undefined ? undefined : attempts.pending(request, ticket, asked), pollAfterMs }
}

async function askPki(deps: SigningDeps, { sign, backend, name, signal }: Signing): Promise<SigningResult> {
  const start = deps.now()
  let outcome = 'failed'
  try {
    const answer = await callPki({ signal, ms: SIGN_TIMEOUT_MS }, (limited) => backend.sign(sign.request, limited))
    outcome = answer.state
    return answer
  } catch (error) {
    if (error instanceof SigningError) outcome = error.code
    throw error
  } finally {
    deps.signed(name, outcome, deps.now() - start)
  }
}
