import { AwsError } from './aws-error.ts'
import type { Input } from './input.ts'
import type { UsageMode } from './options.ts'

/** Epoch milliseconds, whole seconds. */
export interface Period {
  readonly notBefore: number
  readonly notAfter: number
}

const TYPES = ['ABSOLUTE', 'DAYS', 'END_DATE', 'MONTHS', 'YEARS'] as const
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SHORT_LIVED_MS = 7 * DAY_MS

/**
 * `Validity` sets the end, counted from the moment of issuance whatever the beginning is; `ValidityNotBefore`, ABSOLUTE,
 * sets the beginning, which is 60 minutes before issuance otherwise (API reference, IssueCertificate and Validity).
 * @throws AwsError `ValidationException`
 */
export function readPeriod(request: Input, now: number): Period {
  const issuedAt = Math.floor(now / 1000) * 1000
  const notAfter = instant(request.requiredStructure('Validity'), issuedAt)
  const start = request.structure('ValidityNotBefore')
  if (start !== undefined && start.requiredText('Type', { oneOf: TYPES }) !== 'ABSOLUTE') {
    throw invalid('The type of ValidityNotBefore must be ABSOLUTE')
  }
  const notBefore = start === undefined ? issuedAt - HOUR_MS : instant(start, issuedAt)
  if (notAfter <= Math.max(notBefore, issuedAt))
    throw invalid('The certificate validity must end in the future, after it begins')
  return { notBefore, notAfter }
}

/** What the CA allows. @throws AwsError `ValidationException` */
export function checkPeriod(
  { notAfter }: Period,
  now: number,
  authority: { readonly notAfter: number; readonly usageMode: UsageMode },
): void {
  if (notAfter > authority.notAfter) {
    throw invalid('The certificate validity specified exceeds the certificate authority validity')
  }
  // Counted from issuance: the default beginning lies an hour before it, and seven DAYS are allowed.
  if (authority.usageMode === 'SHORT_LIVED_CERTIFICATE' && notAfter - now > SHORT_LIVED_MS) {
    throw invalid(
      'The certificate validity specified exceeds 7 days, the most that a SHORT_LIVED_CERTIFICATE certificate authority issues',
    )
  }
}

function instant(validity: Input, issuedAt: number): number {
  const value = validity.requiredCount('Value')
  const end = ends(validity.requiredText('Type', { oneOf: TYPES }), value, issuedAt)
  if (Number.isNaN(end) || end > Date.UTC(9999, 11, 31, 23, 59, 59))
    throw invalid('The certificate validity is no date')
  return end
}

function ends(type: string, value: number, issuedAt: number): number {
  if (type === 'ABSOLUTE') return value * 1000
  if (type === 'END_DATE') return endDate(String(value))
  if (type === 'DAYS') return issuedAt + value * DAY_MS
  return monthsLater(issuedAt, type === 'MONTHS' ? value : value * 12)
}

/** The same day of a later month, or the last one of it. */
function monthsLater(from: number, months: number): number {
  const date = new Date(from)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.getUTCDate() === new Date(from).getUTCDate() ? date.getTime() : date.setUTCDate(0)
}

/** YYMMDDHHMMSS (50 and above is 19YY) or YYYYMMDDHHMMSS. */
function endDate(digits: string): number {
  const short = digits.length <= 12
  const padded = digits.padStart(short ? 12 : 14, '0')
  const full = short ? `${Number(padded.slice(0, 2)) >= 50 ? '19' : '20'}${padded}` : padded
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(full)
  const [year = 0, month = 0, day = 0, ...time] = parts?.slice(1).map(Number) ?? [Number.NaN]
  const at = Date.UTC(year, month - 1, day, ...time)
  const exact = !Number.isNaN(at) && new Date(at).toISOString().replace(/\D/g, '').startsWith(full)
  return exact ? at : Number.NaN
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}
