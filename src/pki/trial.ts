import { EKU } from './key-usage.ts'
import type { TrialLeaf } from './path.ts'

/** What istiod below a mesh CA will sign for. */
export interface MeshNames {
  readonly trustDomain: string
  /** The namespace of istiod. */
  readonly namespace: string
  readonly revisions: readonly string[]
  readonly extraDNSNames: readonly string[]
}

/** Both roles: every workload is client and server, and istiod gives its own certificate both as well. */
const BOTH_ROLES = [EKU.serverAuth, EKU.clientAuth]

/**
 * The certificates that istiod will sign first with its CA: one for a workload, and its own serving certificate
 * (istio pilot/pkg/bootstrap/certcontroller.go). A CA below which one of them fails would break the mesh.
 */
export function meshTrials(mesh: MeshNames): readonly TrialLeaf[] {
  const identity = `spiffe://${mesh.trustDomain}/ns/${mesh.namespace}/sa/default`
  const hosts = ['istiod', 'istiod-remote', 'istio-pilot', ...mesh.revisions.map((revision) => `istiod-${revision}`)]
  const dnsNames = [...hosts.map((host) => `${host}.${mesh.namespace}.svc`), ...mesh.extraDNSNames]
  return [
    {
      description: `a workload certificate for ${identity}`,
      names: [{ type: 'uri', value: identity }],
      extKeyUsage: BOTH_ROLES,
    },
    {
      description: "istiod's own serving certificate",
      names: [...new Set(dnsNames)].map((value) => ({ type: 'dns', value })),
      extKeyUsage: BOTH_ROLES,
    },
  ]
}
