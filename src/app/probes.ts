import { hasStatus } from '../cluster/errors.ts'
import type { Reflector } from '../cluster/reflector.ts'
import { type HealthCheck, type HealthReport, report } from '../ops/health.ts'

export interface Probes {
  readonly live: () => HealthReport
  readonly ready: () => HealthReport
  readonly ageSeconds: () => number
}

/** What the probes look at of a watch. */
export type Contact = Pick<Reflector<unknown>, 'isSynced' | 'brokenSince' | 'brokenBy' | 'lastContact'>

/** A watch that breaks is opened anew within a second or two; one that cannot be opened for longer is out of order. */
const BROKEN_MS = 3000
/** A watch brings at least a bookmark about every minute, and is opened anew within five. */
const STALE_MS = 180_000

export interface ProbeDeps {
  /** By what they watch. */
  readonly watches: Readonly<Record<string, Contact>>
  /** What else must hold. */
  readonly checks: readonly HealthCheck[]
  readonly now: () => number
}

/** Live while the process answers; ready while every watch has listed and follows its server. */
export function makeProbes({ watches, checks, now }: ProbeDeps): Probes {
  const all = Object.entries(watches)
  const check = ([what, watch]: readonly [string, Contact]) => {
    return () => unready(what, watch, now())
  }
  return {
    live: () => report([]),
    ready: () => report([...checks, ...all.map(check)]),
    ageSeconds: () => Math.max(...all.map(([, watch]) => now() - watch.lastContact)) / 1000,
  }
}

function unready(what: string, watch: Contact, now: number): string | undefined {
  const { isSynced, brokenSince, lastContact } = watch
  if (!isSynced) return `the list of ${what} is not complete${reasonOf(watch)}`
  const brokenMs = now - (brokenSince ?? now)
  if (brokenMs > BROKEN_MS) return `${what} could not be watched for ${Math.floor(brokenMs / 1000)} s${reasonOf(watch)}`
  return now - lastContact > STALE_MS ? `the API server was not heard of on ${what} for too long` : undefined
}

/** The remedy where the API server said enough. */
function reasonOf({ brokenSince, brokenBy }: Contact): string {
  if (brokenSince === undefined) return ''
  if (hasStatus(brokenBy, 403)) return ': they may not be read; grant the controller the verbs list and watch on them'
  if (hasStatus(brokenBy, 404)) return ': the API server does not know them; install their CustomResourceDefinition'
  return '; the log says why'
}
