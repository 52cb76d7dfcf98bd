import { findCondition } from '../api/condition.ts'
import { clusterIssuerOf, isCsrApproved, isCsrDenied, isCsrSettled, type KubernetesCsr } from '../api/kubernetes-csr.ts'
import { CLUSTER_ISSUER_KIND, CSR_DURATION_ANNOTATION, CSR_IS_CA_ANNOTATION } from '../api/names.ts'
import { fromBase64, optional } from '../api/read.ts'
import type { RequestFacts } from './facts.ts'
import { approvalTime, type RequestRecord } from './request-record.ts'
import { readTicket, TICKET_CONDITION } from './ticket-condition.ts'

/** The record of a Kubernetes signing request; undefined where it names no signer of ours. */
export function recordOfKubernetesCsr(csr: KubernetesCsr): RequestRecord | undefined {
  const name = clusterIssuerOf(csr)
  if (name === undefined) return undefined
  const { uid, resourceVersion } = csr.metadata
  if (isCsrSettled(csr) || isCsrDenied(csr)) return { state: 'settled', uid }
  if (!isCsrApproved(csr)) return { state: 'unapproved', uid }
  const issuer = { kind: CLUSTER_ISSUER_KIND, namespace: '', name } as const
  return {
    state: 'open',
    uid,
    resourceVersion,
    issuer,
    facts: kubernetesCsrFacts(csr),
    ready: undefined,
    ...optional('ticket', readTicket(findCondition(csr.status.conditions, TICKET_CONDITION))),
  }
}

function kubernetesCsrFacts({ metadata, spec, status }: KubernetesCsr): RequestFacts {
  const seconds = spec.expirationSeconds
  return {
    form: 'CertificateSigningRequest',
    uid: metadata.uid,
    namespace: serviceAccountNamespace(spec.username),
    requester: spec.username === '' ? undefined : spec.username,
    approvedAt: approvalTime(status.conditions, metadata.creationTimestamp),
    csr: fromBase64(spec.request),
    isCA: metadata.annotations[CSR_IS_CA_ANNOTATION] === 'true',
    usages: spec.usages,
    duration: metadata.annotations[CSR_DURATION_ANNOTATION] ?? (seconds === undefined ? undefined : `${seconds}s`),
    pathLengthWish: undefined,
  }
}

function serviceAccountNamespace(username: string): string | undefined {
  return /^system:serviceaccount:([a-z0-9-]+):[a-z0-9.-]+$/.exec(username)?.[1]
}
