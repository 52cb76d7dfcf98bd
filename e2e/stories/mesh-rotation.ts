import { createHash } from 'node:crypto'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import type { Certificate, CertificateRequest, Condition, Conditioned } from '../lab/kube-objects.ts'
import { conditionOf } from '../lab/kube-objects.ts'
import { type Authority, createAuthority } from '../lab/pki.ts'
import { certificateReady, requestReference } from '../lab/requests.ts'
import type { Workspace } from '../lab/workspace.ts'
import { fingerprintOf } from './mesh-certificates.ts'
import { CACERTS, CACERTS_CERTIFICATE, ISSUER, MESH_ISSUER, PLACE, startMeshCluster } from './mesh-cluster.ts'
import { type Mesh, type Renewal, startMesh } from './mesh-istiod.ts'

/** Secrets of the authorities under the old root and under the new one. */
export const SECRET_A = { name: 'signer-a' }
export const SECRET_B = { name: 'signer-b' }

/** The two roots of a replacement, and who signs under each. */
export interface Roots {
  /** A root whose key is in the cluster. */
  readonly a: Authority
  /** An intermediate under the new root, whose key is elsewhere. */
  readonly b: Authority
}

export async function createRoots(): Promise<Roots> {
  const rootB = await createAuthority({ commonName: 'Root B' })
  return {
    a: await createAuthority({ commonName: 'Root A' }),
    b: await createAuthority({ commonName: 'Below root B', parent: rootB, pathLength: 1 }),
  }
}

/** `trust.additionalRoots` with these roots written out. */
export function declared(...authorities: readonly Authority[]): readonly { readonly pem: string }[] {
  return authorities.map(({ rootPem }) => ({ pem: rootPem }))
}

/** A cluster that signs under A and names A among its roots; both authorities are at hand. */
export async function startUnderA(workspace: Workspace, name: string, roots: Roots): Promise<Mesh> {
  const cluster = await startMeshCluster(workspace, name)
  const { kube } = cluster
  await kube.apply(caSecret(PLACE, SECRET_A.name, roots.a))
  await kube.apply(caSecret(PLACE, SECRET_B.name, roots.b))
  const trust = { minimumDwell: '0s', additionalRoots: declared(roots.a) }
  await kube.apply(issuer({ namespace: PLACE, name: ISSUER, spec: { ca: { secretRef: SECRET_A }, trust } }))
  await kube.apply(meshCertificate({ namespace: PLACE, name: CACERTS, issuerName: ISSUER }))
  return startMesh(cluster, true)
}

/** Edits the issuer, as `kubectl patch --type merge` would. */
export async function edit({ cluster }: Mesh, spec: Readonly<Record<string, unknown>>): Promise<void> {
  await cluster.kube.patch(MESH_ISSUER, { spec })
}

/** Conditions of the issuer, without their times, once its last edit was checked. */
export async function checkedConditions({ cluster: { kube } }: Mesh): Promise<Readonly<Record<string, Condition>>> {
  const { metadata } = await kube.get(MESH_ISSUER)
  const checked = await kube.waitFor<Conditioned>(
    MESH_ISSUER,
    (object) => conditionOf(object, 'Ready')?.observedGeneration === metadata.generation,
  )
  return Object.fromEntries((checked.status?.conditions ?? []).map((condition) => [condition.type, condition]))
}

/** The request of the Certificate's present revision. */
export async function lastRequest({ cluster: { kube } }: Mesh): Promise<CertificateRequest> {
  const { status } = await kube.get<Certificate>(CACERTS_CERTIFICATE)
  return kube.get<CertificateRequest>(requestReference(PLACE, `${CACERTS}-${status?.revision ?? 0}`))
}

/**
 * Keeps requests of earlier revisions, and renews: gives the request of the renewal with how long it took. cert-manager may
 * issue once more by itself, when it sees the new Certificate before the new Secret.
 */
export async function renewKeepingRequests(mesh: Mesh): Promise<Renewal & { readonly request: CertificateRequest }> {
  const { kube } = mesh.cluster
  await kube.patch(CACERTS_CERTIFICATE, { spec: { revisionHistoryLimit: 10 } })
  const { status } = await certificateReady(kube, CACERTS_CERTIFICATE)
  const renewal = await mesh.renew()
  const name = `${CACERTS}-${(status?.revision ?? 0) + 1}`
  return { ...renewal, request: await kube.get<CertificateRequest>(requestReference(PLACE, name)) }
}

/** A pair of what signs and what is published, in the words of messages and digests. */
export interface Pair {
  readonly signer: Authority
  readonly roots: readonly Authority[]
}

/** How messages name a pair. */
export function words({ signer, roots }: Pair): string {
  const short = (authority: Authority): string => fingerprintOf(authority.rootPem).slice(0, 12)
  return `signer under ${short(signer)} with roots {${roots.map(short).sort().join(', ')}}`
}

/** The digest that names one change: SHA-256 over old signer root, old set, new signer root, new set. */
export function digestOf(from: Pair, to: Pair): string {
  const lines = [from, to].flatMap(({ signer, roots }) => [
    fingerprintOf(signer.rootPem),
    roots
      .map(({ rootPem }) => fingerprintOf(rootPem))
      .sort()
      .join(','),
  ])
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
