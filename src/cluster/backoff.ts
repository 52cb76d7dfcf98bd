export interface BackoffLimits {
  readonly leastMs: number
  readonly mostMs: number
}

/**
 * The gap after so many failures in a row: doubling from `leastMs` up to `mostMs`, then shortened by up to a half so that
 * many who failed together do not come back together.
 * @param failures 1 or more
 * @param random from 0 to 1
 */
export function backoffMs(limits: BackoffLimits, failures: number, random: number): number {
  const full = Math.min(limits.mostMs, limits.leastMs * 2 ** Math.min(Math.max(failures - 1, 0), 30))
  return full * (0.5 + random / 2)
}
