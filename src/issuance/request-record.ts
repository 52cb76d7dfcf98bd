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
import { parseTime } from '../api/time.ts'
import type { Carried } from '../trust/rollout.ts'
import type { RequestFacts } from './facts.ts'
import { TRUST_PAIR_CONDITION } from './request-status.ts'

/** The issuer that a request names. */
export interface IssuerTarget {
  readonly kind: IssuerKind
  /** Empty for the cluster kind. */
  readonly namespace: string
  readonly name: string
}

/** What a finished CA request left behind with its Certificate. */
export interface IssuedCA extends Carried {
  /** UID of the Certificate. */
  readonly owner: string
  /** Key of the issuer that signed; see `issuerKey`. */
  readonly issuer: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  readonly revision: number
}

/** What the cache keeps of a request: little of a finished one, all that counts of an open one. */
export type RequestRecord =
  | { readonly state: 'unapproved'; readonly uid: string }
  | { readonly state: 'settled'; readonly uid: string; readonly issued?: IssuedCA }
  | OpenRecord

export interface OpenRecord {
  readonly state: 'open' | 'denied'
  readonly uid: string
  readonly resourceVersion: string
  readonly issuer: IssuerTarget
  readonly facts: RequestFacts
  /** The Ready condition as it stands. */
  readonly ready: Condition | undefined
  /** UID of the Certificate that controls the request. */
  readonly owner: string | undefined
}

/** Reads the pair of roots out of a finished request; undefined where there is none to read. */
export type PairReader = (certificate: string, ca: string) => Carried['pair'] | undefined

export function issuerKey({ kind, namespace, name }: IssuerTarget): string {
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
  readPair: PairReader,
): RequestRecord | undefined {
  const issuer = targetOf(request)
  if (issuer === undefined) return undefined
  const { uid, resourceVersion } = request.metadata
  if (isSettled(request)) {
    const issued = issuedCA(request, issuer, readPair)
    return { state: 'settled', uid, ...(issued === undefined ? {} : { issued }) }
  }
  const denied = isDenied(request)
  if (!denied && !isApproved(request)) return { state: 'unapproved', uid }
  return {
    state: denied ? 'denied' : 'open',
    uid,
    resourceVersion,
    issuer,
    facts: certificateRequestFacts(request),
    ready: findCondition(request.status.conditions, READY),
    owner: certificateOf(request)?.uid,
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

function issuedCA(request: CertificateRequest, issuer: IssuerTarget, readPair: PairReader): IssuedCA | undefined {
  const { metadata, spec, status } = request
  const certificate = certificateOf(request)
  if (!spec.isCA || !isReady(request) || certificate === undefined) return undefined
  if (status.certificate === undefined || status.ca === undefined) return undefined
  const pair = readPair(fromBase64(status.certificate), fromBase64(status.ca))
  if (pair === undefined) return undefined
  const created = parseTime(metadata.creationTimestamp) ?? 0
  const issuedAt = parseTime(findCondition(status.conditions, READY)?.lastTransitionTime) ?? created
  const since = parseTime(findCondition(status.conditions, TRUST_PAIR_CONDITION)?.lastTransitionTime) ?? issuedAt
  return {
    owner: certificate.uid,
    certificate: `${metadata.namespace}/${certificate.name}`,
    issuer: issuerKey(issuer),
    pair,
    since,
    issuedAt,
    revision: Number(metadata.annotations['cert-manager.io/certificate-revision'] ?? 0),
  }
}

function certificateOf({ metadata }: CertificateRequest): { readonly uid: string; readonly name: string } | undefined {
  const owner = controllerOf(metadata)
  return owner?.kind === 'Certificate' && owner.apiVersion.startsWith(`${CERT_MANAGER_GROUP}/`) ? owner : undefined
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
    owner: undefined,
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
  return /^system:serviceaccount:([^:]+):[^:]+$/.exec(username)?.[1]
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
