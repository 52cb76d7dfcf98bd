import { type HealthReport, report } from '../ops/health.ts'
import type { Caches } from './caches.ts'

export interface Probes {
  readonly live: () => HealthReport
  readonly ready: () => HealthReport
  readonly ageSeconds: () => number
}

/** A watch brings at least a bookmark about every minute, and is opened anew within five. */
const STALE_MS = 180_000

/** Live while the process answers; ready while every cache is filled and the server was heard of lately. */
export function makeProbes(caches: Caches, now: () => number): Probes {
  const all = Object.entries(caches)
  return {
    live: () => report([]),
    ready: () =>
      report(
        all.map(([name, cache]) => () => {
          if (!cache.isSynced) return `the list of ${name} is not complete`
          return now() - cache.lastContact > STALE_MS
            ? `the API server was not heard of on ${name} for too long`
            : undefined
        }),
      ),
    ageSeconds: () => Math.max(...all.map(([, cache]) => now() - cache.lastContact)) / 1000,
  }
}
