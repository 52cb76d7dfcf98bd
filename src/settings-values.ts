import { parseDuration } from './api/duration.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A flag or variable that cannot be used; the message names it and what it may be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
/** By the rule of Kubernetes (apimachinery, IsDNS1123Subdomain), which the names of Leases keep. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LONGEST_SUBDOMAIN = 253
/** How much later than asked a candidate may come, so that they do not come together. */
const RETRY_JITTER = 1.2

/** The times of the leader election, as `LeaseTimes` has them. */
export interface ElectionTimes {
  readonly durationMs: number
  readonly deadlineMs: number
  readonly retryMs: number
}

/** Durations as they are written, and an example of one. */
export interface Bounds {
  readonly least: string
  readonly most: string
  readonly such: string
}

/** As `BackendServices` has it. */
export interface OutboundProxy {
  readonly url: string
  readonly except: string
}

export function truth(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new SettingsError(`--${name} must be true or false`)
}

export function namespace(name: string, text: string): string {
  if (NAMESPACE.test(text)) return text
  throw new SettingsError(`--${name} must be the name of a namespace`)
}

export function leaseName(name: string, text: string): string {
  if (text.length <= LONGEST_SUBDOMAIN && SUBDOMAIN.test(text)) return text
  throw new SettingsError(
    `--${name} must be the name of a Lease: a DNS subdomain of at most ${LONGEST_SUBDOMAIN} characters`,
  )
}

/** Nothing is dropped silently here: a list that shrinks to none would mean every namespace. */
export function namespaces(name: string, text: string): string[] {
  if (text === '') return []
  const names = text.split(',').map((item) => item.trim())
  if (names.every((item) => NAMESPACE.test(item)) && new Set(names).size === names.length) return names
  throw new SettingsError(`--${name} must be names of namespaces, separated by commas, each once`)
}

export function address(name: string, text: string): string {
  const port = Number(/^(?:[^:\s]*|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text)?.[1] ?? Number.NaN)
  if (port >= 0 && port <= 65_535) return text
  throw new SettingsError(`--${name} must be an address such as :8080 or 127.0.0.1:8080`)
}

export function wholeNumber(
  name: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new SettingsError(`--${name} must be a whole number from ${least} to ${most}`)
}

export function interval(name: string, text: string, { least, most, such }: Bounds): number {
  try {
    const ms = parseDuration(text)
    if (ms >= parseDuration(least) && ms <= parseDuration(most)) return ms
  } catch {
    // The message below says what is wanted.
  }
  throw new SettingsError(`--${name} must be a duration from ${least} to ${most}, such as ${such}`)
}

/** By the rules of client-go (tools/leaderelection, NewLeaderElector). @param text of a setting */
export function electionTimes(text: (name: string) => string): ElectionTimes {
  const read = (name: string, least: string, such: string): number =>
    interval(name, text(name), { least, most: '1h', such })
  const durationMs = read('leader-election-lease-duration', '1s', '15s')
  const deadlineMs = read('leader-election-renew-deadline', '1s', '10s')
  const retryMs = read('leader-election-retry-period', '100ms', '2s')
  if (deadlineMs >= durationMs)
    throw new SettingsError(
      '--leader-election-renew-deadline must be shorter than --leader-election-lease-duration, so that a leader ends before another begins',
    )
  if (retryMs * RETRY_JITTER >= deadlineMs)
    throw new SettingsError(
      '--leader-election-retry-period must be shorter than --leader-election-renew-deadline, also with a fifth more for chance, so that a leader can renew in time',
    )
  return { durationMs, deadlineMs, retryMs }
}

export function level(text: string): LogLevel {
  if (text === 'debug' || text === 'info' || text === 'warn' || text === 'error') return text
  throw new SettingsError('--log-level must be debug, info, warn or error')
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

export function optional(text: string): string | undefined {
  return text === '' ? undefined : text
}

/** As other programs read it: a proxy without a scheme is one of http. There may be a password in it, so nothing is quoted. */
export function outboundProxy(text: string, except: string): OutboundProxy | undefined {
  if (text === '') return undefined
  const url = text.includes('://') ? text : `http://${text}`
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return Object.freeze({ url, except })
  throw new SettingsError('the variable HTTPS_PROXY must be the URL of a proxy, such as http://proxy.example:3128')
}
