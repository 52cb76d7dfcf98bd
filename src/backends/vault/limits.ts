import { SigningError, type SigningRequest } from '../backend.ts'
import type { VaultConfig } from './config.ts'
import type { Knowledge, RoleKnowledge } from './knowledge.ts'
import { pathOf } from './words.ts'

/**
 * Vault signs past its CA's end and path length without a word.
 * @throws SigningError `recheck-issuer`
 */
export function refuseBeyondAuthority(request: SigningRequest, config: VaultConfig, known: Knowledge): void {
  if (request.notAfter > known.authorityEnd) throw endsFirst(config)
  const limit = known.authority.certificate.basicConstraints?.pathLength
  const pathLength = request.pathLength ?? 0
  if (request.isCA && limit !== undefined && pathLength >= limit) {
    throw new SigningError(
      'recheck-issuer',
      'path-length-spent',
      `the CA's path length of ${limit} leaves no room for a CA of path length ${pathLength} below it`,
    )
  }
}

/** The longest life that is given, where that is known. It is a `ttl`, before which a life begins by a minute; a role limits end-entity certificates only. */
export function longestLife(
  { signs }: VaultConfig,
  mountMaxMs: number | undefined,
  { maxMs }: RoleKnowledge,
): number | undefined {
  const limits = [mountMaxMs, signs.includes('ca') ? undefined : maxMs].filter((limit) => limit !== undefined)
  return limits.length === 0 ? undefined : Math.min(...limits)
}

/**
 * Vault gives no more than its limits, and would cut the life short.
 * @param limits milliseconds; undefined = not known
 * @throws SigningError `recheck-issuer`
 */
export function refuseBeyondLimits(ttlMs: number, config: VaultConfig, limits: readonly (number | undefined)[]): void {
  const limit = Math.min(...limits.map((one) => one ?? Infinity))
  if (ttlMs > limit) throw cutShort(limit, config)
}

/** @param limitMs the longest `ttl` that was given */
export function cutShort(limitMs: number, { mount, role }: VaultConfig): SigningError {
  const ofRole = role === undefined ? '' : `, or the max_ttl of role ${role}`
  return new SigningError(
    'recheck-issuer',
    'life-limited',
    `the secrets engine ${mount} gives at most ${Math.floor(limitMs / 1000)} s, less than was asked for; raise its max-lease-ttl${ofRole}, or ask for a shorter duration`,
  )
}

export function endsFirst(config: VaultConfig): SigningError {
  return new SigningError(
    'recheck-issuer',
    'authority-ends-first',
    `the CA ${pathOf(config)}, or one above it, ends before the requested certificate would; renew that CA`,
  )
}
