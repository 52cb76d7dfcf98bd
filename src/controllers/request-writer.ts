import {
  CERT_MANAGER_API_VERSION,
  CERTIFICATE_REQUEST_KIND,
  FIELD_MANAGER,
  KUBERNETES_CSR_API_VERSION,
  KUBERNETES_CSR_KIND,
} from '../api/names.ts'
import { optional } from '../api/read.ts'
import type { ApiClient } from '../cluster/client.ts'
import type { EventSubject } from '../cluster/events.ts'
import { applyStatus } from '../cluster/status.ts'
import type { Verdict } from '../issuance/conclude.ts'
import type { CarriedCA, OpenRecord } from '../issuance/request-record.ts'
import { certificateRequestStatus, kubernetesCsrStatus } from '../issuance/request-status.ts'
import { certificateRequestPath, kubernetesCsrPath, splitKey } from './object-paths.ts'
import type { WriteResult } from './requests.ts'

/** How one kind of request is written and named in events. */
export interface RequestWriter {
  readonly write: (key: string, record: OpenRecord, verdict: Verdict) => Promise<WriteResult>
  readonly subject: (key: string, record: OpenRecord) => EventSubject
}

/** What is written beside the verdict, so that another process finds it. */
export interface RequestNotes {
  readonly carriedByCertificate: (certificate: string) => CarriedCA | undefined
  readonly ticket: (uid: string) => string | undefined
}

/** Writes CertificateRequests; nothing is written where the status says it already. */
export function certificateRequestWriter(client: ApiClient, now: () => number, notes: RequestNotes): RequestWriter {
  const kind = { apiVersion: CERT_MANAGER_API_VERSION, kind: CERTIFICATE_REQUEST_KIND }
  return {
    write: async (key, record, verdict) => {
      const { uid, resourceVersion, certificate } = record
      const told = {
        ...verdict,
        ...optional('carried', certificate === undefined ? undefined : notes.carriedByCertificate(certificate)),
        ...optional('ticket', notes.ticket(uid) ?? record.ticket),
      }
      // cert-manager makes a request that failed before its issuance began anew at once, and again and again (requestmanager).
      const time = verdict.reason === 'Failed' ? Math.max(now(), record.facts.approvedAt) : now()
      const status = certificateRequestStatus(told, record, time)
      if (status === undefined) return 'unchanged'
      const [namespace, name] = splitKey(key)
      const path = certificateRequestPath(namespace, name)
      return applyStatus(client, {
        ...kind,
        path,
        namespace,
        name,
        uid,
        resourceVersion,
        status,
        fieldManager: FIELD_MANAGER,
      })
    },
    subject: (key, { uid }) => {
      const [namespace, name] = splitKey(key)
      return { ...kind, namespace, name, uid }
    },
  }
}

/** Writes Kubernetes signing requests; a wait counts as written, since events are what tells of it. */
export function kubernetesCsrWriter(
  client: ApiClient,
  now: () => number,
  notes: Pick<RequestNotes, 'ticket'>,
): RequestWriter {
  const kind = { apiVersion: KUBERNETES_CSR_API_VERSION, kind: KUBERNETES_CSR_KIND }
  return {
    write: async (name, { uid, resourceVersion, ticket }, verdict) => {
      const told = { ...verdict, ...optional('ticket', notes.ticket(uid) ?? ticket) }
      const status = kubernetesCsrStatus(told, ticket, now())
      if (status === undefined) return 'written'
      return applyStatus(client, {
        ...kind,
        path: kubernetesCsrPath(name),
        name,
        uid,
        resourceVersion,
        status,
        fieldManager: FIELD_MANAGER,
      })
    },
    subject: (name, { uid }) => ({ ...kind, name, uid }),
  }
}
