import { Option } from 'commander'
import { DurationError, parseDuration } from '../api/duration.ts'
import { parseTime } from '../api/time.ts'
import { UsageError } from './exit.ts'

export type Output = 'text' | 'json'

/** Options that several commands have, each made anew: commander keeps state in them. */
export const shared = {
  context: () => new Option('--context <name>', 'context of the kubeconfig (default: its current one)'),
  contexts: () =>
    new Option(
      '--context <name>',
      'context of the kubeconfig; once for each cluster (default: its current one)',
    ).argParser(collect),
  output: () => new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'),
  strict: () => new Option('--strict', 'exit with 1 where there are warnings only'),
  workloadTtl: () =>
    new Option('--workload-ttl <duration>', "longest life of a workload's certificate (Istio's SECRET_TTL)").default(
      '24h',
    ),
} as const

/** Gathers an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** @throws UsageError */
export function durationOption(name: string, text: string): number {
  try {
    const ms = parseDuration(text)
    if (ms > 0) return ms
  } catch (error) {
    if (!(error instanceof DurationError)) throw error
  }
  throw new UsageError(`--${name} must be a duration such as 24h or 90m`)
}

/** @throws UsageError */
export function timeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const instant = parseTime(text)
  if (instant === undefined) throw new UsageError(`--${name} must be a time such as 2026-12-31T12:00:00Z`)
  return instant
}
