import { formatDuration, parseDuration } from '../api/duration.ts'
import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import { authorityLinks } from './authority.ts'

/**
 * Why a Certificate that leaves its duration to the issuer would not be signed now, for whoever looks at the issuer. It stays
 * Ready: one that asks for less is signed.
 * @param now epoch milliseconds
 */
export function defaultLifeProblem(authority: Authority, { duration }: IssuerSpec, now: number): string | undefined {
  const [wanted, longest] = [parseDuration(duration.default), authority.longestLifeMs]
  if (longest !== undefined && wanted > longest)
    return `it signs for ${formatDuration(longest)} at most, and duration.default is ${duration.default}: lower that, or ask for less in each Certificate`
  const first = authorityLinks(authority).reduce((a, b) => (b.notAfter < a.notAfter ? b : a))
  if (now + wanted <= first.notAfter) return undefined
  return `${first.subject.text} ends at ${new Date(first.notAfter).toISOString()}, before a certificate of duration.default (${duration.default}) would: renew that CA, or lower duration.default`
}
