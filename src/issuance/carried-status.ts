import type { Issuer, IssuerStatus } from '../api/issuer.ts'
import { formatTime, parseTime } from '../api/time.ts'
import { trustPair } from '../trust/transition.ts'
import { type CarriedCA, issuerKey } from './request-record.ts'

type CarriedStatus = NonNullable<IssuerStatus['carried']>

/** What the schema lets a status hold. */
export const MOST_CARRIED = 256

/**
 * What the Certificates of an issuer carry, as its status keeps it: cert-manager deletes the request that tells of it as soon
 * as the next one exists (cert-manager v1.21.1 pkg/controller/certificates/revisionmanager), and this process may be down then.
 * Where there are more than fit, those issued last.
 */
export function carriedStatus(carried: Iterable<CarriedCA>): CarriedStatus {
  return [...carried]
    .sort((a, b) => b.issuedAt - a.issuedAt)
    .slice(0, MOST_CARRIED)
    .sort((a, b) => (a.certificate < b.certificate ? -1 : 1))
    .map(({ certificate, pair: { signerRoot, roots }, since, issuedAt }) => ({
      certificate,
      signerRoot,
      roots,
      since: formatTime(since),
      issuedAt: formatTime(issuedAt),
    }))
}

/** Reads back what `carriedStatus` made; entries with unreadable times are left out. */
export function readCarriedStatus({ kind, metadata, status }: Issuer): readonly CarriedCA[] {
  const namespace = kind === 'MeshCAIssuer' ? metadata.namespace : ''
  const issuer = issuerKey({ kind, namespace, name: metadata.name })
  return (status.carried ?? []).flatMap(({ certificate, signerRoot, roots, since, issuedAt }) => {
    const [from, last] = [parseTime(since), parseTime(issuedAt)]
    if (from === undefined || last === undefined) return []
    const pair = trustPair(signerRoot, roots)
    return [{ certificate, issuer, pair, since: from, issuedAt: last, revision: 0 }]
  })
}
