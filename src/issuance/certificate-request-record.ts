import { type CertificateRequest, isApproved, isDenied, isReady, isSettled, READY } from '../api/certificate-request.ts'
import { findCondition } from '../api/condition.ts'
import { controllerOf } from '../api/metadata.ts'
import { CERT_MANAGER_GROUP, CLUSTER_ISSUER_KIND, GROUP, ISSUER_KIND, PATH_LENGTH_ANNOTATION } from '../api/names.ts'
import { fromBase64, optional } from '../api/read.ts'
import { parseTime } from '../api/time.ts'
import type { RequestFacts } from './facts.ts'
import {
  approvalTime,
  type CarriedCA,
  type CommonRecord,
  type IssuerTarget,
  issuerKey,
  type PublishedReader,
  type RequestRecord,
} from './request-record.ts'
import { readTicket, TICKET_CONDITION } from './ticket-condition.ts'
import { readNoted, TRUST_PAIR_CONDITION } from './trust-condition.ts'

/** Group and kind match exactly, and a namespaced reference stays in its namespace; anything else is not ours. */
export function targetOf({ spec: { issuerRef }, metadata }: CertificateRequest): IssuerTarget | undefined {
  if (issuerRef.group !== GROUP) return undefined
  if (issuerRef.kind === ISSUER_KIND) return { kind: ISSUER_KIND, namespace: metadata.namespace, name: issuerRef.name }
  if (issuerRef.kind === CLUSTER_ISSUER_KIND) return { kind: CLUSTER_ISSUER_KIND, namespace: '', name: issuerRef.name }
  return undefined
}

/** The record of a CertificateRequest; undefined where it names no issuer of ours. */
export function recordOfCertificateRequest(
  request: CertificateRequest,
  read: PublishedReader,
): RequestRecord | undefined {
  const issuer = targetOf(request)
  if (issuer === undefined) return undefined
  const common = { uid: request.metadata.uid, ...carriedBy(request, issuer, read) }
  if (isSettled(request)) return { state: 'settled', ...common }
  const denied = isDenied(request)
  if (!denied && !isApproved(request)) return { state: 'unapproved', ...common }
  return {
    state: denied ? 'denied' : 'open',
    ...common,
    resourceVersion: request.metadata.resourceVersion,
    issuer,
    facts: certificateRequestFacts(request),
    ready: findCondition(request.status.conditions, READY),
    ...optional('ticket', readTicket(findCondition(request.status.conditions, TICKET_CONDITION))),
  }
}

function certificateRequestFacts({ metadata, spec, status }: CertificateRequest): RequestFacts {
  return {
    form: 'CertificateRequest',
    uid: metadata.uid,
    namespace: metadata.namespace,
    requester: spec.username === '' ? undefined : spec.username,
    approvedAt: approvalTime(status.conditions, metadata.creationTimestamp),
    csr: fromBase64(spec.request),
    isCA: spec.isCA,
    usages: spec.usages,
    duration: spec.duration,
    pathLengthWish: metadata.annotations[PATH_LENGTH_ANNOTATION],
  }
}

function carriedBy(
  request: CertificateRequest,
  issuer: IssuerTarget,
  read: PublishedReader,
): Pick<CommonRecord, 'certificate' | 'carried'> {
  const certificate = request.spec.isCA ? certificateOf(request) : undefined
  if (certificate === undefined) return {}
  const told = isReady(request) ? published(request, issuer, read) : noted(request)
  if (told === undefined) return { certificate }
  return { certificate, carried: { certificate, revision: revisionOf(request), ...told } }
}

/** Breaks ties between requests of one second; whoever made the request may have written anything there. */
function revisionOf({ metadata }: CertificateRequest): number {
  const revision = metadata.annotations['cert-manager.io/certificate-revision'] ?? ''
  return /^\d{1,9}$/.test(revision) ? Number(revision) : 0
}

type Told = Pick<CarriedCA, 'pair' | 'validity' | 'issuer' | 'since' | 'issuedAt'>

function published(
  { metadata, status }: CertificateRequest,
  issuer: IssuerTarget,
  read: PublishedReader,
): Told | undefined {
  if (status.certificate === undefined || status.ca === undefined) return undefined
  const told = read(fromBase64(status.certificate), fromBase64(status.ca))
  if (told === undefined) return undefined
  const created = parseTime(metadata.creationTimestamp) ?? 0
  const issuedAt = parseTime(findCondition(status.conditions, READY)?.lastTransitionTime) ?? created
  const since = parseTime(findCondition(status.conditions, TRUST_PAIR_CONDITION)?.lastTransitionTime) ?? issuedAt
  return { ...told, issuer: issuerKey(issuer), since, issuedAt }
}

/** Older than any request that it could stand for, so that an issued one wins. */
function noted({ status }: CertificateRequest): Told | undefined {
  const note = readNoted(findCondition(status.conditions, TRUST_PAIR_CONDITION))
  return note === undefined ? undefined : { ...note, issuedAt: note.since }
}

function certificateOf({ metadata }: CertificateRequest): string | undefined {
  const owner = controllerOf(metadata)
  if (owner?.kind !== 'Certificate' || !owner.apiVersion.startsWith(`${CERT_MANAGER_GROUP}/`)) return undefined
  return `${metadata.namespace}/${owner.name}`
}
