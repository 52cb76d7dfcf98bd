import type { Kube } from '../lab/kube.ts'

export interface Writes {
  /** Server-side applies of a CertificateRequest's status that took place. cert-manager's own writes are updates. */
  readonly applied: number
  /** Those refused: the object had changed, or was gone. */
  readonly refused: number
}

/** What the API server has counted so far. */
export async function statusApplies(kube: Kube): Promise<Writes> {
  const metrics = await kube.call<string>({ method: 'GET', path: '/metrics' })
  const counts = { applied: 0, refused: 0 }
  for (const line of metrics.split('\n')) {
    const applies =
      line.startsWith('apiserver_request_total{') &&
      ['resource="certificaterequests"', 'subresource="status"', 'verb="APPLY"'].every((label) => line.includes(label))
    if (!applies) continue
    const count = Number(line.slice(line.lastIndexOf(' ')))
    if (line.includes('code="2')) counts.applied += count
    else counts.refused += count
  }
  return counts
}
