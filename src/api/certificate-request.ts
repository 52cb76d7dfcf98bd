import { type Condition, findCondition, isConditionTrue, readConditions } from './condition.ts'
import { type ObjectMeta, readObjectMeta } from './metadata.ts'
import { CERT_MANAGER_API_VERSION, CERTIFICATE_REQUEST_KIND } from './names.ts'
import { isObject, optional, readObject, readString, readStrings, readText } from './read.ts'

/** Which issuer a request asks. Absent members read as '': cert-manager takes them for its own group and kind. */
export interface IssuerReference {
  readonly group: string
  readonly kind: string
  readonly name: string
}

export interface CertificateRequestSpec {
  /** Base64 of the PEM of the CSR. */
  readonly request: string
  readonly isCA: boolean
  /** cert-manager's names of usages, as written; empty means its default. */
  readonly usages: readonly string[]
  /** A Go duration; absent means that the issuer decides. */
  readonly duration?: string
  readonly issuerRef: IssuerReference
  /** Who made the request, as cert-manager's webhook recorded it; '' when there is no webhook. */
  readonly username: string
}

export interface CertificateRequestStatus {
  readonly conditions: readonly Condition[]
  /** Base64 of PEM: the certificate, then the chain above it below the root. */
  readonly certificate?: string
  /** Base64 of PEM: the roots. */
  readonly ca?: string
  /** RFC 3339. */
  readonly failureTime?: string
}

/** The fields of a cert-manager.io/v1 CertificateRequest that are read or written here. */
export interface CertificateRequest {
  readonly metadata: ObjectMeta & { readonly namespace: string }
  readonly spec: CertificateRequestSpec
  readonly status: CertificateRequestStatus
}

/** cert-manager's types of conditions on a CertificateRequest (pkg/apis/certmanager/v1/types_certificaterequest.go). */
export const APPROVED = 'Approved'
export const DENIED = 'Denied'
export const READY = 'Ready'
export const INVALID_REQUEST = 'InvalidRequest'

/** cert-manager's reasons of the Ready condition of a CertificateRequest; its controllers look at these. */
export type ReadyReason = 'Pending' | 'Issued' | 'Failed' | 'Denied'

/** Reads an object of the API server; `undefined` when it is not a complete CertificateRequest. */
export function readCertificateRequest(object: unknown): CertificateRequest | undefined {
  if (!isObject(object)) return undefined
  if ((object.apiVersion ?? CERT_MANAGER_API_VERSION) !== CERT_MANAGER_API_VERSION) return undefined
  if ((object.kind ?? CERTIFICATE_REQUEST_KIND) !== CERTIFICATE_REQUEST_KIND) return undefined
  const metadata = readObjectMeta(object.metadata)
  const spec = readSpec(object.spec)
  if (metadata?.namespace === undefined || spec === undefined) return undefined
  return { metadata: { ...metadata, namespace: metadata.namespace }, spec, status: readStatus(object.status) }
}

function readSpec(value: unknown): CertificateRequestSpec | undefined {
  if (!isObject(value)) return undefined
  const request = readText(value.request)
  const usages = readStrings(value.usages)
  const issuerRef = readIssuerReference(value.issuerRef)
  if (request === undefined || usages === undefined || issuerRef === undefined) return undefined
  const duration = optional('duration', readText(value.duration))
  return {
    request,
    isCA: value.isCA === true,
    usages,
    ...duration,
    issuerRef,
    username: readString(value.username) ?? '',
  }
}

function readIssuerReference(value: unknown): IssuerReference | undefined {
  if (!isObject(value)) return undefined
  const name = readText(value.name)
  return name === undefined
    ? undefined
    : { group: readString(value.group) ?? '', kind: readString(value.kind) ?? '', name }
}

function readStatus(value: unknown): CertificateRequestStatus {
  const status = readObject(value)
  return {
    conditions: readConditions(status?.conditions),
    ...optional('certificate', readText(status?.certificate)),
    ...optional('ca', readText(status?.ca)),
    ...optional('failureTime', readText(status?.failureTime)),
  }
}

/** The condition Approved is True. */
export function isApproved(request: CertificateRequest): boolean {
  return isConditionTrue(request.status.conditions, APPROVED)
}

/** The condition Denied is True: what an approver said. Not to be confused with {@link isReadyDenied}. */
export function isDenied(request: CertificateRequest): boolean {
  return isConditionTrue(request.status.conditions, DENIED)
}

/** The condition InvalidRequest is True. */
export function isInvalid(request: CertificateRequest): boolean {
  return isConditionTrue(request.status.conditions, INVALID_REQUEST)
}

/** The condition Ready is True: the certificate was issued. */
export function isReady(request: CertificateRequest): boolean {
  return isConditionTrue(request.status.conditions, READY)
}

/** The condition Ready is False with reason Failed: an issuer gave the request up. */
export function hasFailed(request: CertificateRequest): boolean {
  return isReadyFalse(request, 'Failed')
}

/** The condition Ready is False with reason Denied: an issuer has taken note of the denial. */
export function isReadyDenied(request: CertificateRequest): boolean {
  return isReadyFalse(request, 'Denied')
}

/** Nothing more may be written: issued, failed, or denied and noted. */
export function isSettled(request: CertificateRequest): boolean {
  return isReady(request) || hasFailed(request) || isReadyDenied(request)
}

function isReadyFalse(request: CertificateRequest, reason: ReadyReason): boolean {
  const ready = findCondition(request.status.conditions, READY)
  return ready?.status === 'False' && ready.reason === reason
}
