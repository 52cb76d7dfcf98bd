import { SigningError } from '../backend.ts'
import type { VaultConfig } from './config.ts'
import type { VaultFailure } from './failure.ts'
import type { Asked, FailureRow } from './failure-row.ts'
import { TRANSPORT_ROWS } from './transport-errors.ts'
import { loginRemedy, loginWords, pathOf, policyLine, serverOf } from './words.ts'

const CSR_TEXTS =
  /csr contains no data|"csr" is empty|certificate request could not be parsed|could not parse CSR|sign CSR with empty|key type in CSR|CSR's key is|are unsafe and not supported/
export const ISSUER_MISSING = /unable to find PKI issuer|no default issuer|unable to find issuer/
export const USAGE_MISSING = /requested usage/
export const BAD_SIGNATURE = /verification of parsed bundle failed/

const STATE_ROWS: readonly FailureRow[] = [
  {
    status: [301, 302, 303, 307, 308],
    remedy: 'retry',
    code: 'server-standby',
    message: ({ config }) =>
      `${serverOf(config)} redirects, as a standby does that forwards no requests, and no token is sent elsewhere; if this stays, let vault.server name the active node`,
  },
  {
    status: [412],
    remedy: 'retry',
    code: 'server-behind',
    message: ({ config }) => `${serverOf(config)} has not caught up with the active node yet`,
  },
  {
    status: [429],
    remedy: 'retry',
    code: 'throttled',
    message: ({ config }) => `${serverOf(config)} asks for fewer requests (429)`,
  },
  {
    status: [472, 473],
    remedy: 'retry',
    code: 'server-standby',
    message: ({ config }, { status }) => `${serverOf(config)} is a standby that signs nothing (${status})`,
  },
  {
    status: [503],
    says: /sealed/,
    remedy: 'retry',
    code: 'server-sealed',
    message: ({ config }) => `${serverOf(config)} is sealed; unseal it`,
  },
  {
    status: [404],
    says: /namespace not found/,
    remedy: 'recheck-issuer',
    code: 'namespace-not-found',
    part: 'CredentialsReady',
    message: ({ config }) =>
      `${serverOf(config)} has no namespace ${config.namespace ?? '(root)'}; create it, or correct vault.namespace`,
  },
]

const LOGIN_ROWS: readonly FailureRow[] = [
  {
    status: [404, 405],
    purpose: 'login',
    remedy: 'recheck-issuer',
    code: 'login-not-found',
    part: 'CredentialsReady',
    message: ({ config, path }) =>
      `${serverOf(config)} has no auth method at ${path.replace(/\/login$/, '')}; enable it there, or correct its mount in vault.auth`,
  },
  {
    status: [400, 401, 403],
    purpose: 'login',
    remedy: 'recheck-issuer',
    code: 'login-refused',
    part: 'CredentialsReady',
    message: ({ config }) => `${serverOf(config)} refused the login ${loginWords(config)}; ${loginRemedy(config)}`,
  },
]

const PKI_ROWS: readonly FailureRow[] = [
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

const REST_ROWS: readonly FailureRow[] = [
  {
    status: [500, 501, 502, 503, 504],
    remedy: 'retry',
    code: 'server-error',
    message: ({ config }, { status }) =>
      `${serverOf(config)} could not answer (${status}); it may be sealed, or between two active nodes`,
  },
]

const ROWS = [...TRANSPORT_ROWS, ...STATE_ROWS, ...LOGIN_ROWS, ...PKI_ROWS, ...REST_ROWS]

/** A failed call by its remedy. Nothing of an answer but its status is quoted. */
export function explain(failure: VaultFailure, asked: Asked): SigningError {
  const row = ROWS.find((one) => fits(one, failure, asked))
  const { retryAfterMs } = failure
  const options = { cause: failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  if (row === undefined) {
    const message = `${serverOf(asked.config)} gave an answer that is not expected here (${failure.status})`
    return new SigningError('retry', 'answer-unexpected', message, options)
  }
  const { remedy, code, part } = row
  return new SigningError(
    remedy,
    code,
    row.message(asked, failure),
    part === undefined ? options : { ...options, part },
  )
}

export function usageMissing(config: VaultConfig): string {
  return `the issuer ${pathOf(config)} may not sign: its usage lacks issuing-certificates; add it`
}

function fits({ status, says, purpose }: FailureRow, failure: VaultFailure, asked: Asked): boolean {
  if (!status.includes(failure.status) || (purpose !== undefined && purpose !== asked.purpose)) return false
  return says === undefined || failure.says(says) || (failure.status === 0 && says.test(failure.code ?? ''))
}
