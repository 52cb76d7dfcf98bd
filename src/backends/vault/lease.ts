import { type JsonRecord, readSeconds, readText } from './json.ts'

/** A token, and how long it may be used. Instants are of a clock that never goes back, in milliseconds. */
export interface Lease {
  readonly token: string
  readonly renewable: boolean
  /** Whether it was got by logging in, and can be given back: batch tokens cannot. */
  readonly revocable: boolean
  /** How long it was good for when it was got; Infinity for one without an end. */
  readonly fullMs: number
  readonly renewAt: number
  readonly expiresAt: number
}

/** Renewed when this much of its life has passed; sooner where nobody here could get another one. */
const RENEW_SHARE = 2 / 3
const ADOPTED_RENEW_SHARE = 1 / 3
/** Not used in its last moments, in which it may end on the way: 5 seconds, or a tenth of its life. */
const MARGIN_MS = 5000
const MARGIN_SHARE = 0.1
/** When a refused renewal is tried again: a part of the time that is left. */
const AGAIN = { share: 1 / 3, leastMs: 5000, mostMs: 600_000 }

/** The token of a login (`auth` of its answer); undefined where there is none, as when a second factor is asked for. */
export function loginLease(auth: JsonRecord | undefined, now: number): Lease | undefined {
  const token = readText(auth?.client_token)
  if (auth === undefined || token === undefined) return undefined
  const ttlMs = ttlOf(auth.lease_duration)
  const revocable = auth.token_type !== 'batch'
  return { token, renewable: auth.renewable === true, revocable, fullMs: ttlMs, ...span(ttlMs, now) }
}

/** A token that was there already, by what the server knows of it (`data` of lookup-self). It is renewed at once. */
export function adoptedLease(token: string, data: JsonRecord, now: number): Lease {
  const ttlMs = ttlOf(data.ttl)
  const renewable = data.renewable === true
  const times = span(ttlMs, now)
  return { token, renewable, revocable: false, fullMs: ttlMs, ...times, renewAt: renewable ? now : times.renewAt }
}

/** A token of which nothing can be learned, since its policy does not let it look itself up. */
export function blindLease(token: string, now: number): Lease {
  return { token, renewable: true, revocable: false, fullMs: Infinity, renewAt: now, expiresAt: Infinity }
}

/** The lease after a renewal. A login that got much less than before has come near its maximum: the next is another login. */
export function renewedLease(before: Lease, auth: JsonRecord | undefined, now: number): Lease {
  const ttlMs = ttlOf(auth?.lease_duration)
  const times = span(ttlMs, now)
  const again = auth?.renewable === true
  if (before.revocable) return { ...before, ...times, renewable: again && ttlMs * 2 >= before.fullMs }
  return { ...before, ...times, renewable: again, renewAt: now + ttlMs * ADOPTED_RENEW_SHARE }
}

/** A token of somebody else that could not be renewed: that is tried again, since a server between two active nodes refuses too. */
export function patientLease(lease: Lease, now: number): Lease {
  const wait = Math.max(AGAIN.leastMs, Math.min(AGAIN.mostMs, (lease.expiresAt - now) * AGAIN.share))
  return { ...lease, renewAt: now + wait }
}

function ttlOf(seconds: unknown): number {
  const ttlMs = readSeconds(seconds) ?? 0
  return ttlMs === 0 ? Infinity : ttlMs
}

function span(ttlMs: number, now: number): Pick<Lease, 'renewAt' | 'expiresAt'> {
  return {
    renewAt: now + ttlMs * RENEW_SHARE,
    expiresAt: now + ttlMs - Math.min(MARGIN_MS, ttlMs * MARGIN_SHARE),
  }
}
