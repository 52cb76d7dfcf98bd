import type { Kube } from './kube.ts'
import type { Certificate, Condition, Conditioned, KubeObject } from './kube-objects.ts'
import { isTrue } from './kube-objects.ts'
import type { Reference } from './kube-paths.ts'

const CERT_MANAGER = 'cert-manager.io/v1'

export function certificateReference(namespace: string, name: string): Reference {
  return { apiVersion: CERT_MANAGER, kind: 'Certificate', namespace, name }
}

export function requestReference(namespace: string, name: string): Reference {
  return { apiVersion: CERT_MANAGER, kind: 'CertificateRequest', namespace, name }
}

export function secretReference(namespace: string, name: string): Reference {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name }
}

/** Sets Approved on a CertificateRequest, as the user of `kube`: the webhook asks whether that one may. */
export function approve(kube: Kube, request: Reference): Promise<Conditioned> {
  return addCondition(kube, { reference: request, subresource: 'status', type: 'Approved' })
}

/** Sets Denied on a CertificateRequest. */
export function deny(kube: Kube, request: Reference): Promise<Conditioned> {
  return addCondition(kube, { reference: request, subresource: 'status', type: 'Denied' })
}

/** Approves a Kubernetes CertificateSigningRequest. */
export function approveSigningRequest(kube: Kube, name: string): Promise<Conditioned> {
  const reference = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name }
  return addCondition(kube, { reference, subresource: 'approval', type: 'Approved' })
}

/** Asks for a renewal of an issued Certificate as `cmctl renew` does, and returns its revision before. */
export async function triggerRenewal(kube: Kube, certificate: Reference): Promise<number> {
  // Ready is written by another controller, a moment before the one that counts revisions ends the issuance.
  const before = await kube.waitFor<Certificate>(certificate, (object) => object.status?.revision !== undefined)
  await addCondition(kube, { reference: certificate, subresource: 'status', type: 'Issuing' })
  return before.status?.revision ?? 0
}

/** Renews a Certificate and waits until the next revision is issued. */
export async function renew(kube: Kube, certificate: Reference, withinMs?: number): Promise<Certificate> {
  const before = await triggerRenewal(kube, certificate)
  const renewed = (object: Certificate): boolean => (object.status?.revision ?? 0) > before && isTrue(object, 'Ready')
  return kube.waitFor(certificate, renewed, withinMs)
}

/** Waits until a Certificate is Ready and nothing is being issued for it. */
export function certificateReady(kube: Kube, certificate: Reference, withinMs?: number): Promise<Certificate> {
  const settled = (object: Certificate): boolean => isTrue(object, 'Ready') && !isTrue(object, 'Issuing')
  return kube.waitFor<Certificate>(certificate, settled, withinMs)
}

interface Addition {
  readonly reference: Reference
  readonly subresource: string
  readonly type: string
}

function addCondition(kube: Kube, { reference, subresource, type }: Addition): Promise<Conditioned> {
  const { apiVersion, kind, ...metadata } = reference
  // Kubernetes' own signing requests have another name for the time, and set it themselves.
  const time = kind === 'CertificateSigningRequest' ? {} : { lastTransitionTime: wholeSeconds(new Date()) }
  const condition: Condition = { type, status: 'True', reason: 'Lab', message: `${type} was set by the lab`, ...time }
  const object: KubeObject & Conditioned = { apiVersion, kind, metadata, status: { conditions: [condition] } }
  return kube.apply<Conditioned>(object, { subresource, fieldManager: `lab-${type.toLowerCase()}` })
}

function wholeSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
