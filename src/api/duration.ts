/**
 * One number with its unit, as Go's `time.ParseDuration` reads them: digits, a fraction, or both. The signs of micro are
 * escaped, since one character beyond Latin-1 makes V8 keep the whole bundle in two octets a character.
 */
const TERM = /^(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Go keeps a duration as nanoseconds in 64 bits with a sign: about 292 years. */
const LONGEST_NS = 2n ** 63n - 1n

/** Not a duration; the message says what one looks like. */
export class DurationError extends Error {
  override readonly name = 'DurationError'
}

/**
 * Reads a Go duration such as `2160h`, `1h30m` or `1.5s` as milliseconds, whole ones (what is below is cut off).
 * @throws {DurationError} when `text` is not one, or is longer than Go can hold.
 */
export function parseDuration(text: string): number {
  const negative = text.startsWith('-')
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text
  const nanoseconds = unsigned === '0' ? 0n : sumTerms(unsigned)
  if (nanoseconds === undefined) {
    throw new DurationError(
      `"${shorten(text)}" is not a duration: write a number and a unit (h, m, s), such as 2160h or 90m.`,
    )
  }
  if (nanoseconds > LONGEST_NS)
    throw new DurationError(`"${shorten(text)}" is longer than 292 years: write a shorter duration.`)
  const milliseconds = Number(nanoseconds / 1_000_000n)
  return negative && milliseconds !== 0 ? -milliseconds : milliseconds
}

function sumTerms(text: string): bigint | undefined {
  let rest = text
  let sum = 0n
  do {
    const term = TERM.exec(rest)
    const unit = NANOSECONDS[term?.[4] ?? '']
    if (term === null || unit === undefined) return undefined
    const fraction = term[2] ?? term[3] ?? ''
    sum +=
      BigInt(term[1] ?? '0') * unit + (BigInt(fraction === '' ? '0' : fraction) * unit) / 10n ** BigInt(fraction.length)
    rest = rest.slice(term[0].length)
  } while (rest !== '')
  return sum
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** Writes whole milliseconds as Go writes a duration (`2160h0m0s`, `1.5s`, `20ms`, `0s`). */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : ''
  const total = Math.abs(milliseconds)
  if (total === 0) return '0s'
  if (total < 1000) return `${sign}${total}ms`
  const hours = Math.floor(total / 3_600_000)
  const minutes = Math.floor((total % 3_600_000) / 60_000)
  const seconds = `${(total % 60_000) / 1000}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}
