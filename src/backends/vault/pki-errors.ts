import type { VaultConfig } from './config.ts'
import type { FailureRow } from './failure-row.ts'
import { pathOf, policyLine, serverOf } from './words.ts'

const CSR_TEXTS =
  /csr contains no data|"csr" is empty|certificate request could not be parsed|could not parse CSR|sign CSR with empty|key type in CSR|CSR's key is|are unsafe and not supported/
export const ISSUER_MISSING = /unable to find PKI issuer|no default issuer|unable to find issuer/
export const USAGE_MISSING = /requested usage/
export const BAD_SIGNATURE = /verification of parsed bundle failed/

/** What the secrets engine refuses, and what an engine that is missing or another one answers. */
export const PKI_ROWS: readonly FailureRow[] = [
  {
    status: [400],
    says: CSR_TEXTS,
    remedy: 'give-up',
    code: 'csr-refused',
    message: ({ config }) =>
      `${serverOf(config)} cannot use the CSR; make another one, with a key of another kind or size`,
  },
  {
    status: [400],
    says: /Basic Constraints extension setting isCA=true/,
    remedy: 'recheck-issuer',
    code: 'basic-constraints-refused',
    message: ({ config }) =>
      `${serverOf(config)} refuses every CSR that says CA:TRUE, as Vault 1.21.2 does; update the server, or make a CSR without basic constraints`,
  },
  {
    status: [400],
    says: /unknown role/,
    remedy: 'recheck-issuer',
    code: 'role-not-found',
    part: 'AuthorityReady',
    message: ({ config }) =>
      `the secrets engine ${config.mount} has no role ${config.role ?? ''}; create it, or correct vault.role`,
  },
  {
    status: [400],
    says: /beyond the expiration of the CA/,
    remedy: 'recheck-issuer',
    code: 'authority-ends-first',
    message: ({ config }) => `the CA ${pathOf(config)} ends before the requested certificate would; renew the CA`,
  },
  {
    status: [400],
    says: /notBefore before signer's notBefore/,
    remedy: 'retry',
    code: 'authority-young',
    message: ({ config }) => `the CA ${pathOf(config)} begins after the certificate would; it is tried again`,
  },
  {
    status: [400, 500],
    says: ISSUER_MISSING,
    remedy: 'recheck-issuer',
    code: 'issuer-not-found',
    part: 'AuthorityReady',
    message: ({ config }) =>
      `the secrets engine ${config.mount} has no issuer ${config.issuerRef}; create it, or correct vault.issuerRef`,
  },
  {
    status: [400, 500],
    says: USAGE_MISSING,
    remedy: 'recheck-issuer',
    code: 'issuer-usage-missing',
    part: 'AuthorityReady',
    message: ({ config }) => usageMissing(config),
  },
  {
    status: [400],
    remedy: 'recheck-issuer',
    code: 'request-refused',
    message: ({ config, path }) =>
      `${serverOf(config)} refused the request to ${path} (400) for a reason that is not known here; its audit log has it`,
  },
  {
    status: [500],
    says: BAD_SIGNATURE,
    remedy: 'recheck-issuer',
    code: 'signature-refused',
    message: ({ config }) =>
      `${serverOf(config)} does not take its own signature for a good one: the CA may have ended, or not permit the names in the CSR`,
  },
  {
    status: [403],
    remedy: 'recheck-issuer',
    code: 'permission-denied',
    part: 'CredentialsReady',
    message: ({ config, path, capability }) =>
      `${serverOf(config)} does not let this login ${capability} ${path}; the mount may be missing, or add to its policy: ${policyLine(path, capability)}`,
  },
  {
    status: [404],
    says: /unsupported path/,
    remedy: 'recheck-issuer',
    code: 'engine-unfit',
    part: 'AuthorityReady',
    message: ({ config }) =>
      `the secrets engine ${config.mount} has no issuers by name; vault.mount must be a PKI engine of Vault 1.11, OpenBao or later`,
  },
  {
    status: [404, 405],
    remedy: 'recheck-issuer',
    code: 'issuer-not-found',
    part: 'AuthorityReady',
    message: ({ config }) =>
      `${serverOf(config)} has no PKI secrets engine at ${config.mount}, or it has no issuer ${config.issuerRef}; correct vault.mount and vault.issuerRef`,
  },
]

export function usageMissing(config: VaultConfig): string {
  return `the issuer ${pathOf(config)} may not sign: its usage lacks issuing-certificates; add it`
}
