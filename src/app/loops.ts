import { setTimeout as delay } from 'node:timers/promises'
import { API_VERSION, FIELD_MANAGER } from '../api/names.ts'
import { backendOpener } from '../backends/open.ts'
import type { BackendServices, Incident } from '../backends/services.ts'
import type { ApiClient } from '../cluster/client.ts'
import type { EventRecorder } from '../cluster/events.ts'
import { applyStatus } from '../cluster/status.ts'
import type { AttemptLog } from '../controllers/attempt-log.ts'
import { Issuers } from '../controllers/issuers.ts'
import { issuerPath } from '../controllers/object-paths.ts'
import { objectReader } from '../controllers/object-reader.ts'
import type { RequestIndex } from '../controllers/request-index.ts'
import { certificateRequestWriter, kubernetesCsrWriter, type RequestWriter } from '../controllers/request-writer.ts'
import type { Observation, RequestsDeps } from '../controllers/requests.ts'
import { tokenSource } from '../controllers/token-source.ts'
import type { Settings } from '../settings.ts'
import { type Caches, issuerOf } from './caches.ts'
import type { Queues } from './queues.ts'
import type { Observers } from './status-observers.ts'

/** What the loops share. */
export interface LoopParts {
  readonly settings: Settings
  readonly client: ApiClient
  readonly caches: Caches
  readonly index: RequestIndex
  readonly csrIndex: RequestIndex
  readonly queues: Queues
  readonly recorder: EventRecorder
  readonly attempts: AttemptLog
  readonly clusterId: string
  readonly mayAct: () => boolean
  readonly observe: (observation: Observation) => void
  readonly signed: RequestsDeps['signed']
  readonly incident: (incident: Incident) => void
  readonly issuerTold: Observers['issuerTold']
  readonly now: () => number
  readonly monotonic: () => number
}

function backendServices({ client, incident, mayAct, now, monotonic, settings }: LoopParts): BackendServices {
  return {
    now,
    monotonic,
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
    random: Math.random,
    mayAct,
    serviceAccountToken: tokenSource(client, now),
    report: incident,
    proxy: settings.proxy,
  }
}

/** Makes the keeper of issuers. */
export function makeIssuers(parts: LoopParts): Issuers {
  const { settings, client, caches, index, recorder, now } = parts
  return new Issuers({
    read: objectReader(client),
    open: backendOpener(backendServices(parts)),
    clusterResourceNamespace: settings.clusterResourceNamespace,
    policy: settings,
    recheckMs: settings.recheckIntervalMs,
    now,
    issuer: (key) => issuerOf(caches, key),
    carriedBy: (key) => index.carriedByIssuer(key),
    knownBy: (key) => index.knownOfIssuer(key),
    changed: (key) => requeue(parts, key),
    tell: (issuer, event) => {
      const { kind, metadata } = issuer
      const scope = kind === 'MeshCAIssuer' ? { namespace: metadata.namespace } : {}
      const subject = { apiVersion: API_VERSION, kind, ...scope, name: metadata.name, uid: metadata.uid }
      recorder.record(subject, { ...event, action: 'Check' }, 'change')
      parts.issuerTold(issuer, event)
    },
    writeStatus: async (issuer, status) => {
      const { kind, metadata } = issuer
      const scope = kind === 'MeshCAIssuer' ? { namespace: metadata.namespace } : {}
      const target = {
        apiVersion: API_VERSION,
        kind,
        ...scope,
        name: metadata.name,
        uid: metadata.uid,
        path: issuerPath(issuer),
      }
      // A status is the controller's alone, so nothing can be lost: gone or re-created issuers come again by themselves.
      await applyStatus(client, { ...target, status, fieldManager: FIELD_MANAGER })
    },
  })
}

/** Everything that waits for this issuer is looked at again. */
export function requeue({ index, csrIndex, queues }: LoopParts, issuer: string): void {
  for (const key of index.openFor(issuer)) queues.certificateRequests.add(key)
  for (const key of csrIndex.openFor(issuer)) queues.kubernetesCsrs.add(key)
}

export interface RequestLoops {
  readonly certificateRequests: RequestsDeps
  readonly kubernetesCsrs: RequestsDeps
}

/** The surroundings of the two request loops, which differ in their cache and their writer only. */
export function makeRequestLoops(parts: LoopParts, issuers: Issuers): RequestLoops {
  const { client, caches, index, now } = parts
  const notes = {
    carriedByCertificate: (certificate: string) => index.carriedByCertificate(certificate),
    ticket: (uid: string) => parts.attempts.ticket(uid)?.value,
  }
  return {
    certificateRequests: {
      ...requestLoop(parts, issuers, certificateRequestWriter(client, now, notes)),
      record: (key) => caches.certificateRequests.get(key),
    },
    kubernetesCsrs: {
      ...requestLoop(parts, issuers, kubernetesCsrWriter(client, now, notes)),
      record: (key) => caches.kubernetesCsrs.get(key),
    },
  }
}

function requestLoop(parts: LoopParts, issuers: Issuers, writer: RequestWriter): Omit<RequestsDeps, 'record'> {
  const { caches, index, queues, recorder, attempts, clusterId, mayAct, observe, signed, now } = parts
  return {
    issuer: (key, signal) => issuers.current(key, signal),
    namespaceLabels: (name) => caches.namespaces.get(name),
    carriedByCertificate: (certificate) => index.carriedByCertificate(certificate),
    carriedByIssuer: (key) => index.carriedByIssuer(key),
    write: writer.write,
    tell: (key, record, event) => recorder.record(writer.subject(key, record), { ...event, action: 'Sign' }),
    recheckIssuer: (key, error) => {
      if (error !== undefined) issuers.refused(key, error)
      queues.issuers.add(key)
    },
    issued: (key, issuance) => issuers.issued(key, issuance),
    observe,
    signed,
    mayAct,
    attempts,
    clusterId,
    now,
  }
}
