import { type Condition, findCondition, readConditions } from './condition.ts'
import { type ObjectMeta, readObjectMeta } from './metadata.ts'
import { KUBERNETES_CSR_API_VERSION, KUBERNETES_CSR_KIND, SIGNER_NAME_PREFIX } from './names.ts'
import { isObject, optional, readInteger, readObject, readString, readStrings, readText } from './read.ts'

export interface KubernetesCsrSpec {
  /** Base64 of the PEM of the CSR. */
  readonly request: string
  readonly signerName: string
  /** Kubernetes' names of usages; the API server takes no request without one. */
  readonly usages: readonly string[]
  /** Whole seconds, at least 600. */
  readonly expirationSeconds?: number
  /** Who made the request, as the API server recorded it. */
  readonly username: string
}

export interface KubernetesCsrStatus {
  readonly conditions: readonly Condition[]
  /** Base64 of PEM: the certificate, then the chain above it. Cannot be changed once it is there. */
  readonly certificate?: string
}

/** The fields of a certificates.k8s.io/v1 CertificateSigningRequest that are read or written here. */
export interface KubernetesCsr {
  readonly metadata: ObjectMeta
  readonly spec: KubernetesCsrSpec
  readonly status: KubernetesCsrStatus
}

/** Reads an object of the API server; `undefined` when it is not a complete CertificateSigningRequest. */
export function readKubernetesCsr(object: unknown): KubernetesCsr | undefined {
  if (!isObject(object)) return undefined
  if ((object.apiVersion ?? KUBERNETES_CSR_API_VERSION) !== KUBERNETES_CSR_API_VERSION) return undefined
  if ((object.kind ?? KUBERNETES_CSR_KIND) !== KUBERNETES_CSR_KIND) return undefined
  const metadata = readObjectMeta(object.metadata)
  const spec = readSpec(object.spec)
  if (metadata === undefined || spec === undefined) return undefined
  return { metadata, spec, status: readStatus(object.status) }
}

function readSpec(value: unknown): KubernetesCsrSpec | undefined {
  if (!isObject(value)) return undefined
  const request = readText(value.request)
  const signerName = readText(value.signerName)
  const usages = readStrings(value.usages)
  if (request === undefined || signerName === undefined || usages === undefined) return undefined
  const expiration = optional('expirationSeconds', readInteger(value.expirationSeconds))
  return { request, signerName, usages, ...expiration, username: readString(value.username) ?? '' }
}

function readStatus(value: unknown): KubernetesCsrStatus {
  const status = readObject(value)
  const certificate = optional('certificate', readText(status?.certificate))
  return { conditions: readConditions(status?.conditions), ...certificate }
}

/** The name of the MeshCAClusterIssuer that `spec.signerName` asks; `undefined` when it asks another signer. */
export function clusterIssuerOf(csr: KubernetesCsr): string | undefined {
  const { signerName } = csr.spec
  if (!signerName.startsWith(SIGNER_NAME_PREFIX)) return undefined
  const name = signerName.slice(SIGNER_NAME_PREFIX.length)
  return name === '' || name.includes('/') ? undefined : name
}

/** The condition Approved is there: Kubernetes lets it be True only, so presence decides. */
export function isCsrApproved(csr: KubernetesCsr): boolean {
  return hasCondition(csr, 'Approved')
}

/** The condition Denied is there. */
export function isCsrDenied(csr: KubernetesCsr): boolean {
  return hasCondition(csr, 'Denied')
}

/** The condition Failed is there: a signer gave the request up. */
export function hasCsrFailed(csr: KubernetesCsr): boolean {
  return hasCondition(csr, 'Failed')
}

/** There is a certificate. */
export function isCsrIssued(csr: KubernetesCsr): boolean {
  return csr.status.certificate !== undefined
}

/** Nothing more may be written: issued, failed or denied. */
export function isCsrSettled(csr: KubernetesCsr): boolean {
  return isCsrIssued(csr) || hasCsrFailed(csr) || isCsrDenied(csr)
}

function hasCondition(csr: KubernetesCsr, type: string): boolean {
  return findCondition(csr.status.conditions, type) !== undefined
}
