import { DurationError, parseDuration } from '../api/duration.ts'
import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import { authorityLinks } from './authority.ts'
import type { RequestFacts } from './facts.ts'
import { fail, wait } from './refusal.ts'

/** How long one base time stands, so that a repeat within it has equal content: 10 minutes. */
const WINDOW_MS = 600_000
/** How far notBefore lies back, for peers whose clocks are behind: 60 seconds. */
const BACKDATE_MS = 60_000

export interface Lifetime {
  /** Epoch milliseconds, whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
}

export interface BaseFacts {
  /** Epoch milliseconds, as all here. */
  readonly approvedAt: number
  readonly now: number
  /** The base of an earlier attempt in this process. */
  readonly before: number | undefined
}

/**
 * The time that content is derived from: the approval, and 10 minutes later for each 10 minutes that have passed since. Counted
 * from the approval, so that a process which starts anew soon after it finds the same time. A repeat keeps the base of the
 * attempt before it, so that no window's edge falls between a lost answer and its repeat; but not for longer than two
 * windows, or a certificate would be old when it is new.
 */
export function baseTime({ approvedAt, now, before }: BaseFacts): number {
  if (before !== undefined && before <= now && now - before <= 2 * WINDOW_MS) return before
  const windows = Math.max(0, Math.floor((now - approvedAt) / WINDOW_MS))
  return wholeSeconds(Math.min(now, approvedAt + windows * WINDOW_MS))
}

/**
 * The lifetime to sign with: as long as was asked, never shortened.
 * @throws Refusal `fail` where the duration is not the issuer's to give, `wait` where the authority ends first
 */
export function lifetimeFor(request: RequestFacts, spec: IssuerSpec, authority: Authority, base: number): Lifetime {
  const durationMs = durationFor(request, spec)
  const links = authorityLinks(authority)
  const notBefore = Math.max(base - BACKDATE_MS, ...links.map((link) => link.notBefore))
  const notAfter = notBefore + durationMs
  const first = links.reduce((a, b) => (b.notAfter < a.notAfter ? b : a))
  if (notAfter > first.notAfter) {
    throw wait(
      'AuthorityEndsFirst',
      `${first.subject.text} ends at ${instant(first.notAfter)}, before a certificate of ${request.duration ?? spec.duration.default} would (${instant(notAfter)}); renew that CA, or ask for a shorter duration`,
    )
  }
  return { notBefore, notAfter }
}

function durationFor(request: RequestFacts, spec: IssuerSpec): number {
  const asked = request.duration ?? spec.duration.default
  const durationMs = readDuration(asked)
  if (durationMs < 1000)
    throw fail('InvalidDuration', `the duration ${asked} is not at least a second; ask for one such as 2160h`)
  const { min, max } = spec.duration
  if (min !== undefined && durationMs < readDuration(min)) {
    throw fail('DurationTooShort', `the duration ${asked} is below the issuer's minimum of ${min}`)
  }
  if (max !== undefined && durationMs > readDuration(max)) {
    throw fail('DurationTooLong', `the duration ${asked} is above the issuer's maximum of ${max}`)
  }
  return wholeSeconds(durationMs)
}

function readDuration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof DurationError) throw fail('InvalidDuration', error.message)
    throw error
  }
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
