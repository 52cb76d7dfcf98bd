import type { Issuer } from '../api/issuer.ts'
import { CERTIFICATE_REQUEST_KIND, KUBERNETES_CSR_KIND } from '../api/names.ts'
import type { Incident } from '../backends/services.ts'
import type { Observation } from '../controllers/requests.ts'
import { backendName } from '../issuance/backend-config.ts'
import { issuerKey } from '../issuance/request-record.ts'
import type { Logger } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import { type Caches, issuerOf } from './caches.ts'
import type { FailureLog } from './status-failures.ts'

export interface ObserverDeps {
  readonly caches: Caches
  readonly metrics: Pick<Metrics, 'attempt' | 'incident'>
  readonly failures: FailureLog
  readonly log: Logger
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Those who hear what happened, and tell metrics, page and log. */
export interface Observers {
  readonly observe: (observation: Observation) => void
  readonly incident: (incident: Incident) => void
  /** An issuer came out of its check otherwise than before. */
  readonly issuerTold: (issuer: Issuer, event: IssuerEvent) => void
}

export interface IssuerEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

export function makeObservers({ caches, metrics, failures, log, now }: ObserverDeps): Observers {
  return {
    observe: ({ key, issuer, uid, reason, code, message, serialNumber, sinceApprovalMs }) => {
      const kind = kindOf(key)
      const spec = issuerOf(caches, issuer)?.spec
      const backend = spec === undefined ? undefined : backendName(spec)
      metrics.attempt({ backend, kind, outcome: reason, reason: code, sinceApprovalMs })
      if (isFailure(reason, code)) failures.note({ at: now(), subject: `${kind} ${key}`, reason: code, message })
      log.info(message, { request: key, issuer, uid, outcome: reason, reason: code, serialNumber })
    },
    incident: ({ backend, what, message }) => {
      metrics.incident(backend, what)
      if (what === 'stray') failures.note({ at: now(), subject: backend, reason: 'Stray', message })
      log[what === 'stray' ? 'warn' : 'info'](message, { backend, what })
    },
    issuerTold: ({ kind, metadata: { namespace = '', name, uid } }, { type, reason, note }) => {
      const subject = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
      if (type === 'Warning') failures.note({ at: now(), subject, reason, message: note })
      const fields = { issuer: issuerKey({ kind, namespace, name }), uid, reason }
      log[type === 'Warning' ? 'warn' : 'info'](note, fields)
    },
  }
}

/** Of the two kinds of requests, only those of cert-manager have a namespace. */
function kindOf(key: string): string {
  return key.includes('/') ? CERTIFICATE_REQUEST_KIND : KUBERNETES_CSR_KIND
}

/** A PKI that takes its time is none. */
function isFailure(reason: Observation['reason'], code: string): boolean {
  return reason !== 'Issued' && code !== 'Pending'
}
