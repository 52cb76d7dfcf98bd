import { NOT_LEADING } from '../../fence.ts'
import { PROXY_CODE } from '../outbound.ts'
import type { VaultFailure } from './failure.ts'
import { BAD_SIGNATURE, ISSUER_MISSING, USAGE_MISSING } from './pki-errors.ts'

/** Codes of a connection that was never there, or not given the call, so nothing can have reached the server. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  NOT_LEADING,
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Envoy, and so a gateway of Istio: it had nowhere to send the call, or gave up before it had sent it (router.cc). */
const ENVOY_KEPT_IT =
  /^no healthy upstream|reset reason: .*(?:connection (?:failure|timeout)|refused stream|overflow|overload)/

/** Said before anything is signed, or of a signature that the server throws away itself. */
const NOTHING_LEFT = [
  /sealed/,
  /active cluster node not found/,
  ENVOY_KEPT_IT,
  ISSUER_MISSING,
  USAGE_MISSING,
  BAD_SIGNATURE,
]

/**
 * Whether the server may have signed what it was asked although no answer says so: then a certificate may exist that nobody
 * has. A gateway that lost the answer says 502 to 504. Vault itself says 500 where it has signed and stored and cannot note
 * that in its audit log (vault/request_handling.go), and a standby that lost the active node behind a call that it had
 * forwarded says 307 as if it had not, or 503 (http/handler.go, forwardRequest).
 */
export function mayBeDone(failure: VaultFailure): boolean {
  const { status, code = '' } = failure
  if (status === 0) return !NEVER_CONNECTED.has(code) && !isTlsCode(code) && !PROXY_CODE.test(code)
  return (status === 307 || status >= 500) && !NOTHING_LEFT.some((text) => failure.says(text))
}

/** Whether the two sides could not agree on TLS: certificates, names, versions. */
function isTlsCode(code: string): boolean {
  return /CERT|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/.test(code)
}
