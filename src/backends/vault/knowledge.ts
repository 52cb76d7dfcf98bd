import type { Authority } from '../backend.ts'

/** What a check learned of the server: what signing needs to know before it asks. */
export interface Knowledge {
  readonly authority: Authority
  /** The earliest end in the chain, the root included; epoch milliseconds. */
  readonly authorityEnd: number
  /** Parameters of sign-intermediate. */
  readonly parameters: ReadonlySet<string>
  /** Longest `ttl` that the secrets engine gives; undefined where that cannot be read. */
  readonly mountMaxMs: number | undefined
  readonly role: RoleKnowledge
}

/** What signing with a role takes from it. */
export interface RoleKnowledge {
  /** How far back notBefore is. */
  readonly backdateMs: number
  readonly maxMs: number | undefined
}

/** What every server takes (Vault 1.11, OpenBao 2.0), where its own list cannot be read. */
export const COMMON_PARAMETERS: ReadonlySet<string> = new Set([
  'csr',
  'format',
  'max_path_length',
  'not_before_duration',
  'permitted_dns_domains',
  'signature_bits',
  'ttl',
  'use_csr_values',
  'use_pss',
])

/** `not_before_duration` of a role that does not set it. */
export const DEFAULT_BACKDATE_MS = 30_000
