import type { TestCsrOptions } from '../../src/testing/certificate-options.ts'
import { testCsr } from '../../src/testing/certificates.ts'
import type { Kube } from '../lab/kube.ts'
import { type CertificateRequest, conditionOf, type KubeObject } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'
import { referenceTo } from '../lab/kube-paths.ts'

export const MESH_USAGES = ['cert sign', 'crl sign', 'digital signature'] as const

export interface RequestFixture {
  readonly namespace: string
  readonly name: string
  /** PEM. */
  readonly csr: string
  readonly issuerRef: { readonly group?: string; readonly kind?: string; readonly name: string }
  readonly annotations?: Readonly<Record<string, string>>
  /** Over `isCA: true` and the usages of a mesh CA. */
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A CertificateRequest as a person writes one: without a Certificate. */
export function certificateRequest(fixture: RequestFixture): KubeObject & { readonly spec: object } {
  const { namespace, name, csr, issuerRef, annotations = {}, spec = {} } = fixture
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata: { namespace, name, annotations },
    spec: {
      request: Buffer.from(csr).toString('base64'),
      issuerRef,
      isCA: true,
      usages: MESH_USAGES,
      ...spec,
    },
  }
}

/** A reference to a MeshCAIssuer. */
export function meshIssuer(name: string): { readonly group: string; readonly kind: string; readonly name: string } {
  return { group: 'meshca.dev', kind: 'MeshCAIssuer', name }
}

/** A reference to a MeshCAClusterIssuer. */
export function meshClusterIssuer(name: string): ReturnType<typeof meshIssuer> {
  return { group: 'meshca.dev', kind: 'MeshCAClusterIssuer', name }
}

/** PEM of a CSR for CN=`name`, with a key that follows from the name. */
export function csrFor(name: string, options: TestCsrOptions = {}): string {
  return testCsr({ subject: `CN=${name},O=mesh`, ...options }).csrPem
}

/** What a requester sees of a request. */
export interface Outcome {
  /** Status and reason of Ready, or `none`. */
  readonly ready: string
  readonly message: string | undefined
  readonly certificate: boolean
  readonly ca: boolean
  readonly failureTime: boolean
}

export function outcomeOf(request: CertificateRequest): Outcome {
  const ready = conditionOf(request, 'Ready')
  const { certificate, ca, failureTime } = request.status ?? {}
  return {
    ready: ready === undefined ? 'none' : `${ready.status}/${ready.reason}`,
    message: ready?.message,
    certificate: certificate !== undefined,
    ca: ca !== undefined,
    failureTime: failureTime !== undefined,
  }
}

export const ISSUED: Outcome = {
  ready: 'True/Issued',
  message: 'the certificate is signed and proved',
  certificate: true,
  ca: true,
  failureTime: false,
}

export function failed(message: string): Outcome {
  return { ready: 'False/Failed', message, certificate: false, ca: false, failureTime: true }
}

export function pending(message: string): Outcome {
  return { ready: 'False/Pending', message, certificate: false, ca: false, failureTime: false }
}

/** Applies a request and gives the reference to it. */
export async function ask(kube: Kube, fixture: RequestFixture): Promise<Reference> {
  return referenceTo(await kube.create(certificateRequest(fixture)))
}

/** Waits until a request is issued, failed or denied. */
export function settled(kube: Kube, request: Reference): Promise<CertificateRequest> {
  return kube.waitFor<CertificateRequest>(request, isSettled)
}

export function isSettled(request: CertificateRequest): boolean {
  const reason = conditionOf(request, 'Ready')?.reason
  return reason !== undefined && reason !== 'Pending'
}

/** Waits until a request is Pending with words that match. */
export function waiting(kube: Kube, request: Reference, words: RegExp): Promise<CertificateRequest> {
  return kube.waitFor<CertificateRequest>(request, (object) => {
    const ready = conditionOf(object, 'Ready')
    return ready?.reason === 'Pending' && words.test(ready.message ?? '')
  })
}

/** The certificates of a request as PEM, and its `ca`. */
export function answerOf(request: CertificateRequest): { readonly certificate: string; readonly ca: string } {
  const decode = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString('utf8')
  return { certificate: decode(request.status?.certificate), ca: decode(request.status?.ca) }
}
