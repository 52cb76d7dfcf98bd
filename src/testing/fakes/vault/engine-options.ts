import type { TestCertificate } from '../../certificate-options.ts'

/** An issuer of the fake's PKI engine; it can be changed while the fake runs. */
export interface FakeIssuer {
  signer: TestCertificate
  /** What stands above it and was imported, the root last. */
  above: readonly TestCertificate[]
  usage?: string
  revoked?: boolean
}

export interface FakeRole {
  /** Seconds. */
  readonly maxTtl?: number
  readonly notBeforeDuration?: number
}

export interface EngineOptions {
  readonly now: () => number
  readonly mount: string
  readonly issuers: Record<string, FakeIssuer>
  /** The issuer that `default` stands for. */
  defaultIssuer: string
  readonly roles: Record<string, FakeRole>
  /** Seconds; 0 = the server's own, of 768 hours. */
  maxTtl: number
  /** Parameters of sign-intermediate; others are ignored with a warning. */
  parameters: readonly string[]
}

/** Of OpenBao 2.7, as far as they matter here. `not_before` is there and not heeded. */
export const OPENBAO_PARAMETERS: readonly string[] = [
  'csr',
  'ext_key_usage',
  'ext_key_usage_oids',
  'format',
  'key_usage',
  'max_path_length',
  'not_after',
  'not_before',
  'not_before_duration',
  'permitted_dns_domains',
  'signature_bits',
  'skid',
  'ttl',
  'use_csr_values',
  'use_pss',
]
/** The same of sign-verbatim. */
export const VERBATIM_PARAMETERS = [
  'csr',
  'ext_key_usage',
  'ext_key_usage_oids',
  'format',
  'key_usage',
  'not_after',
  'not_before',
  'signature_bits',
  'ttl',
  'use_pss',
]
