import { findCondition } from '../api/condition.ts'
import type { Issuer } from '../api/issuer.ts'
import { parseTime } from '../api/time.ts'
import { type Finding, finding } from './finding.ts'

/** `MeshCAIssuer istio-system/mesh` */
export function titleOf({ kind, metadata }: Issuer): string {
  return kind === 'MeshCAIssuer' ? `${kind} ${metadata.namespace}/${metadata.name}` : `${kind} ${metadata.name}`
}

/** Whether its conditions let it sign, for the spec that it has now. */
export function isReady({ metadata, status }: Issuer): boolean {
  const ready = findCondition(status.conditions ?? [], 'Ready')
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation
}

/** When nothing is issued any more, epoch milliseconds: the end of the CA that signs, or of its root where that comes first. */
export function authorityEnd({ status }: Issuer): number | undefined {
  const { authority, trustBundle } = status
  const root = trustBundle?.roots.find(({ fingerprint }) => fingerprint === authority?.rootFingerprint)
  const ends = [authority?.notAfter, root?.notAfter].flatMap((text) => parseTime(text) ?? [])
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** What the controller says of an issuer, or does not say. */
export function issuerFindings(issuer: Issuer): readonly Finding[] {
  const { metadata, status } = issuer
  const where = titleOf(issuer)
  const ready = findCondition(status.conditions ?? [], 'Ready')
  if (ready === undefined || ready.observedGeneration !== metadata.generation) {
    return [
      finding('IssuerUnchecked', {
        where,
        what: `no controller has checked generation ${metadata.generation} of it${ready === undefined ? ', nor any before' : ''}`,
        remedy:
          'see that mesh-ca-issuer runs, serves this namespace and kind of issuer (--watch-namespaces), and holds its Lease (kubectl get pods,leases -A | grep mesh-ca-issuer), and look at its log',
      }),
    ]
  }
  const [reason, message] = [ready.reason ?? 'no reason', ready.message ?? 'no message']
  if (ready.status !== 'True') {
    return [
      finding('IssuerNotReady', {
        where,
        what: `it signs nothing (${reason}): ${message}`,
        remedy: `mend what the message names; mesh-ca check ${argumentOf(issuer)} tries it again without signing`,
      }),
    ]
  }
  const trust = findCondition(status.conditions ?? [], 'TrustReady')
  if (trust?.status !== 'False') return []
  return [
    finding('TrustChangeHeld', {
      where,
      what: `a change of roots is held back (${trust.reason ?? 'no reason'}): ${trust.message ?? 'no message'}`,
      remedy: 'take the steps that the message names one by one, renewing every Certificate behind each',
    }),
  ]
}

/** How `mesh-ca check` is told of it. */
function argumentOf({ kind, metadata }: Issuer): string {
  return kind === 'MeshCAIssuer' ? `${metadata.namespace}/${metadata.name}` : metadata.name
}
