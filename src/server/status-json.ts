import { formatTime } from '../api/time.ts'
import type { Overview } from './overview.ts'
import { limited, WHOLE } from './status-limits.ts'

/** Members that hold instants. */
const INSTANTS: ReadonlySet<string> = new Set([
  'at',
  'since',
  'notBefore',
  'notAfter',
  'issuedAt',
  'carriedSince',
  'renewalAt',
  'approvedAt',
])

/**
 * The overview as /status.json has it (docs/status-page.md): its members, instants in RFC 3339, durations in seconds, and
 * `omitted`. Members are added from version to version, not taken away.
 */
export function statusJson(whole: Overview): string {
  const { overview, omitted } = limited(whole, WHOLE)
  const text = (key: string, value: unknown): unknown =>
    INSTANTS.has(key) && typeof value === 'number' ? formatTime(value) : value
  const issuers = overview.issuers.map(({ defaultDurationMs, ...issuer }) => ({
    ...issuer,
    defaultDurationSeconds: defaultDurationMs / 1000,
  }))
  return `${JSON.stringify({ ...overview, issuers, omitted }, text, 2)}\n`
}
