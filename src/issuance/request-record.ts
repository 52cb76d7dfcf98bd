import { type CertificateRequest, isApproved, isDenied, isReady, isSettled, READY } from '../api/certificate-request.ts'
import { type Condition, findCondition } from '../api/condition.ts'
import { clusterIssuerOf, isCsrApproved, isCsrDenied, isCsrSettled, type KubernetesCsr } from '../api/kubernetes-csr.ts'
import { controllerOf } from '../api/metadata.ts'
import {
  CERT_MANAGER_GROUP,
  CLUSTER_ISSUER_KIND,
  CSR_DURATION_ANNOTATION,
  CSR_IS_CA_ANNOTATION,
  GROUP,
  ISSUER_KIND,
  type IssuerKind,
  PATH_LENGTH_ANNOTATION,
} from '../api/names.ts'
import { optional } from '../api/read.ts'
import { parseTime } from '../api/time.ts'
import type { Carried } from '../trust/rollout.ts'
import type { RequestFacts } from './facts.ts'
import { readTicket, TICKET_CONDITION } from './ticket-condition.ts'
import { readNoted, TRUST_PAIR_CONDITION } from './trust-condition.ts'

/** The issuer that a request names. */
export interface IssuerTarget {
  readonly kind: IssuerKind
  /** Empty for the cluster kind. */
  readonly namespace: string
  readonly name: string
}

/** What a Certificate carries, as one of its requests tells: left behind by an issued one, noted on any other. */
export interface CarriedCA extends Carried {
  /** Key of the issuer that signed; see `issuerKey`. */
  readonly issuer: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  readonly revision: number
  /** Of its certificate, where a finished request still tells; epoch milliseconds. */
  readonly validity?: { readonly notBefore: number; readonly notAfter: number }
}

/** What the cache keeps of a request: little of a finished one, all that counts of an open one. */
export type RequestRecord =
  | (CommonRecord & { readonly state: 'unapproved' })
  | (CommonRecord & { readonly state: 'settled' })
  | (CommonRecord & { readonly state: 'elsewhere'; readonly issuer: IssuerTarget })
  | OpenRecord

interface CommonRecord {
  readonly uid: string
  /**
   * The Certificate that controls the request, `namespace/name`; for CA requests only. By its name and not its UID, since a
   * Certificate that is made anew finds the Secret of the one before it.
   */
  readonly certificate?: string
  readonly carried?: CarriedCA
}

export interface OpenRecord extends CommonRecord {
  readonly state: 'open' | 'denied'
  readonly resourceVersion: string
  readonly issuer: IssuerTarget
  readonly facts: RequestFacts
  /** The Ready condition as it stands. */
  readonly ready: Condition | undefined
  /** What a PKI that has taken the request named it, as an earlier attempt wrote it down. */
  readonly ticket?: string
}

/** What a finished request published. */
export type Published = Pick<Carried, 'pair'> & Required<Pick<CarriedCA, 'validity'>>

/** Reads that out of its PEM; undefined where there is none to read. */
export type PublishedReader = (certificate: string, ca: string) => Published | undefined

export function issuerKey({ kind, namespace, name }: Readonly<Record<keyof IssuerTarget, string>>): string {
  return `${kind}/${namespace}/${name}`
}

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

/** Whether somebody has to act on it. */
export function isOpen(record: RequestRecord | undefined): record is OpenRecord {
  return record?.state === 'open' || record?.state === 'denied'
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

function approvalTime(conditions: readonly Condition[], creationTimestamp: string): number {
  return parseTime(findCondition(conditions, 'Approved')?.lastTransitionTime) ?? parseTime(creationTimestamp) ?? 0
}

function serviceAccountNamespace(username: string): string | undefined {
  return /^system:serviceaccount:([a-z0-9-]+):[a-z0-9.-]+$/.exec(username)?.[1]
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
