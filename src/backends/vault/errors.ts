import { SigningError } from '../backend.ts'
import type { VaultFailure } from './failure.ts'
import type { Asked, FailureRow } from './failure-row.ts'
import { PKI_ROWS } from './pki-errors.ts'
import { TRANSPORT_ROWS } from './transport-errors.ts'
import { loginRemedy, loginWords, serverOf } from './words.ts'

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

function fits({ status, says, purpose }: FailureRow, failure: VaultFailure, asked: Asked): boolean {
  if (!status.includes(failure.status) || (purpose !== undefined && purpose !== asked.purpose)) return false
  return says === undefined || failure.says(says) || (failure.status === 0 && says.test(failure.code ?? ''))
}
