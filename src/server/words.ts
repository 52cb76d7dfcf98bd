const UNITS: readonly (readonly [ms: number, one: string])[] = [
  [365 * 86_400_000, 'year'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
]

/** A span in the largest unit that fits at least twice, cut off: `47 hours`, `2 days`, `89 days`, `3 years`. */
export function spanWords(ms: number): string {
  const span = Math.abs(ms)
  const [size, unit] = UNITS.find(([unitMs]) => span >= 2 * unitMs) ?? [1000, 'second']
  const count = Math.floor(span / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** `in 3 days` or `3 days ago`. */
export function whenWords(at: number, now: number): string {
  return at > now ? `in ${spanWords(at - now)}` : `${spanWords(now - at)} ago`
}

/** `2026-11-23 12:00 UTC` */
export function instantWords(at: number): string {
  const text = new Date(at).toISOString()
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`
}

/** `2026-11-23`, in UTC */
export function dayWords(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** `1 issuer`, `3 issuers` */
export function countWords(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
