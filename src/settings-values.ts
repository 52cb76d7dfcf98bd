import { parseDuration } from './api/duration.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A flag or variable that cannot be used; the message names it and what it may be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const LONGEST_INTERVAL_MS = 86_400_000

export function truth(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new SettingsError(`--${name} must be true or false`)
}

export function namespace(name: string, text: string): string {
  if (NAMESPACE.test(text)) return text
  throw new SettingsError(`--${name} must be the name of a namespace`)
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

export function interval(name: string, text: string): number {
  try {
    const ms = parseDuration(text)
    if (ms >= 1000 && ms <= LONGEST_INTERVAL_MS) return ms
  } catch {
    // The message below says what is wanted.
  }
  throw new SettingsError(`--${name} must be a duration from 1s to 24h, such as 30s`)
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
