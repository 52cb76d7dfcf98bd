import type { Kube } from '../lab/kube.ts'
import type { Conditioned } from '../lab/kube-objects.ts'
import type { Reference } from '../lab/kube-paths.ts'

/** A MeshCAIssuer, as far as stories look at it. */
export interface MeshIssuer extends Conditioned {
  readonly status?: Conditioned['status'] & {
    readonly authority?: { readonly subject: string; readonly fingerprint: string; readonly notAfter: string }
    readonly trustBundle?: { readonly roots: readonly { readonly fingerprint: string }[] }
    readonly lastIssuance?: { readonly kind: string; readonly name: string }
  }
}

export function issuerReference(namespace: string, name: string): Reference {
  return { apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAIssuer', namespace, name }
}

export function clusterIssuerReference(name: string): Reference {
  return { apiVersion: 'meshca.dev/v1alpha1', kind: 'MeshCAClusterIssuer', name }
}

/** Each condition as `Status/Reason: message`. */
export function conditionsOf(object: Conditioned): Readonly<Record<string, string>> {
  const rows = (object.status?.conditions ?? []).map(({ type, status, reason, message }) => [
    type,
    `${status}/${reason}: ${message}`,
  ])
  return Object.fromEntries(rows)
}

/** What stands in the conditions of an issuer without a fault. */
export const READY: Readonly<Record<string, string>> = {
  Ready: 'True/Checked: the issuer can sign',
  CredentialsReady: 'True/Checked: everything that the issuer refers to was found',
  AuthorityReady: 'True/Checked: the CA can sign, and its chain closes at its root',
  TrustReady: 'True/Checked: the published roots are those that were declared',
}

/** Waits until a condition of the issuer, judged for its present generation, begins with `Status/Reason`. */
export function issuerShows(kube: Kube, issuer: Reference, type: string, beginning: string): Promise<MeshIssuer> {
  return kube.waitFor<MeshIssuer>(issuer, (object) => {
    const condition = object.status?.conditions?.find((one) => one.type === type)
    return (
      condition?.observedGeneration === object.metadata.generation &&
      `${condition?.status}/${condition?.reason}`.startsWith(beginning)
    )
  })
}
