import type { ClusterReport } from './cluster.ts'
import { type Finding, finding } from './finding.ts'

/** A cluster's trust, as fingerprints. */
interface Trust {
  readonly cluster: string
  /** The root that istiod's CA chains to. */
  readonly signerRoot: string
  /** Everything that workloads trust. */
  readonly roots: readonly string[]
}

/** Whether workloads of every cluster trust those of every other. */
export function examineFleet(reports: readonly ClusterReport[]): readonly Finding[] {
  const trusts = reports.flatMap(trustOf)
  const differ = trusts.flatMap((trust) => strangers(trust, trusts))
  if (differ.length > 0) return differ
  const sets = new Set(trusts.map(({ roots }) => roots.join()))
  if (sets.size <= 1) return []
  return [
    finding('RootSetsDiffer', {
      where: trusts.map(({ cluster }) => cluster).join(', '),
      what: 'all clusters trust each other, but their ca.crt hold different sets of roots, as in the middle of a replacement of the root',
      remedy:
        'bring all clusters to the same set before the next step: the same trust.additionalRoots everywhere, then renew each Certificate',
    }),
  ]
}

function trustOf({ cluster, cacerts }: ClusterReport): readonly Trust[] {
  if (cacerts?.root === undefined) return []
  const roots = cacerts.roots.map(({ fingerprint }) => fingerprint)
  return [{ cluster, signerRoot: cacerts.root.fingerprint, roots: [...new Set(roots)].sort() }]
}

function strangers({ cluster, roots }: Trust, all: readonly Trust[]): readonly Finding[] {
  const unknown = all.filter(({ signerRoot }) => !roots.includes(signerRoot))
  if (unknown.length === 0) return []
  return [
    finding('RootsDiffer', {
      where: cluster,
      what: `its workloads refuse those of ${unknown.map((one) => `${one.cluster} (root ${one.signerRoot.slice(0, 16)})`).join(' and ')}: it trusts ${roots.map((root) => root.slice(0, 16)).join(' and ')} only`,
      remedy:
        'have the issuers of all clusters use CAs below one root; to bring meshes together step by step, publish both roots in all clusters first (trust.additionalRoots)',
    }),
  ]
}
