import { NOT_LEADING } from '../../fence.ts'
import type { Remedy } from '../backend.ts'
import { PROXY_CODE } from '../outbound.ts'
import type { Failure } from './failure.ts'

/** Whom a call without a proper answer went to. */
export interface Addressee {
  /** URL or name of the service. */
  readonly host: string
  /** The field of the spec that names it. */
  readonly field: string
  /** `sts:AssumeRole` */
  readonly action: string
}

export interface Unanswered {
  readonly remedy: Remedy
  readonly code: string
  readonly message: string
}

const TLS = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/
const NAMES = /^(?:ENOTFOUND|EAI_)/

/** What to say of a call that was not answered as the service does; the codes are node's own names. */
export function describeUnanswered(
  failure: Exclude<Failure, { kind: 'refused' | 'no-credentials' }>,
  { host, field, action }: Addressee,
): Unanswered {
  switch (failure.kind) {
    case 'server':
      return retry(
        'service-unavailable',
        `AWS answered ${action} with HTTP status ${failure.status}; it is tried again`,
      )
    case 'lost':
      return retry('answer-lost', `no answer to ${action} came from ${host} (${failure.code}); it is tried again`)
    case 'unreached':
      return unreached(failure.code, { host, field, action })
    case 'unreadable':
      return unreadable(failure.status, { host, field, action })
  }
}

function unreached(code: string, { host, field }: Addressee): Unanswered {
  if (code === NOT_LEADING) return retry('not-leading', 'another process acts now and asks AWS')
  if (TLS.test(code)) {
    const message = `the TLS certificate of ${host} is not trusted (${code}): correct ${field}, or add its CA to NODE_EXTRA_CA_CERTS of the controller`
    return { remedy: 'recheck-issuer', code: 'tls-untrusted', message }
  }
  if (PROXY_CODE.test(code))
    return retry(
      'proxy-refused',
      `the proxy of HTTPS_PROXY does not let calls through to ${host} (${code}): allow them there, or name the host in NO_PROXY`,
    )
  if (NAMES.test(code))
    return retry(
      'name-unresolved',
      `the name of ${host} cannot be resolved (${code}): check region and ${field}, and the cluster's DNS`,
    )
  return retry(
    'service-unreachable',
    `${host} cannot be reached (${code}): check the cluster's way out and its network policies`,
  )
}

function unreadable(status: number | undefined, { host, field, action }: Addressee): Unanswered {
  if (status !== undefined && status >= 300 && status < 400) {
    const message = `${host} redirects ${action} elsewhere, where no credential is sent: set ${field} to where it leads`
    return { remedy: 'recheck-issuer', code: 'redirected', message }
  }
  const what = status === undefined ? 'an answer' : `an answer of HTTP status ${status}`
  return retry('answer-unreadable', `${host} gave ${what} to ${action} that AWS does not give; is ${field} right?`)
}

function retry(code: string, message: string): Unanswered {
  return { remedy: 'retry', code, message }
}
