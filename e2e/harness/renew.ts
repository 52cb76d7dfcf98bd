import type { Kube } from '../lab/kube.ts'
import { type Certificate, isTrue } from '../lab/kube-objects.ts'

/**
 * Renews a Certificate as `cmctl renew` does: by setting its condition Issuing (cmctl pkg/renew), and waits until the next
 * revision is stored.
 */
export async function renew(
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<Certificate> {
  const reference = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace, name }
  const revision = await startRenewal(kube, { namespace, name })
  return kube.waitFor<Certificate>(
    reference,
    (certificate) =>
      (certificate.status?.revision ?? 0) > revision && isTrue(certificate, 'Ready') && !isTrue(certificate, 'Issuing'),
  )
}

/** Begins a renewal and gives the revision that it leaves behind. */
export async function startRenewal(
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<number> {
  const reference = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace, name }
  const certificate = await kube.get<Certificate>(reference)
  const others = (certificate.status?.conditions ?? []).filter(({ type }) => type !== 'Issuing')
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    observedGeneration: certificate.metadata.generation,
    lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
  }
  await kube.patch(reference, { status: { conditions: [...others, issuing] } }, 'status')
  return certificate.status?.revision ?? 0
}
