import type { Reflector } from '../cluster/reflector.ts'
import { type HealthReport, report } from '../ops/health.ts'

export interface Probes {
  readonly live: () => HealthReport
  readonly ready: () => HealthReport
  readonly ageSeconds: () => number
}

/** What the probes look at of a cache. */
export type Contact = Pick<Reflector<unknown>, 'isSynced' | 'brokenSince' | 'lastContact'>

/** A watch that breaks is opened anew within a second or two; one that cannot be opened for longer is out of order. */
const BROKEN_MS = 3000
/** A watch brings at least a bookmark about every minute, and is opened anew within five. */
const STALE_MS = 180_000

/** Live while the process answers; ready while every cache is filled and follows its server. */
export function makeProbes(caches: Readonly<Record<string, Contact>>, now: () => number): Probes {
  const all = Object.entries(caches)
  const check = ([name, cache]: readonly [string, Contact]) => {
    return () => unready(name, cache, now())
  }
  return {
    live: () => report([]),
    ready: () => report(all.map(check)),
    ageSeconds: () => Math.max(...all.map(([, cache]) => now() - cache.lastContact)) / 1000,
  }
}

function unready(name: string, { isSynced, brokenSince, lastContact }: Contact, now: number): string | undefined {
  if (!isSynced) return `the list of ${name} is not complete`
  const brokenMs = now - (brokenSince ?? now)
  if (brokenMs > BROKEN_MS) return `${name} could not be watched for ${Math.floor(brokenMs / 1000)} s; the log says why`
  return now - lastContact > STALE_MS ? `the API server was not heard of on ${name} for too long` : undefined
}
