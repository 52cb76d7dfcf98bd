import { X509Certificate } from 'node:crypto'
import { caSecret, issuer, meshCertificate } from '../harness/objects.ts'
import type { Kube } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { createAuthority } from '../lab/pki.ts'
import { approveSigningRequest, certificateReady, certificateReference, renew } from '../lab/requests.ts'
import { tells } from '../stories/support-events.ts'
import { csrFor } from '../stories/support-requests.ts'

export interface Places {
  /** Of namespaced issuers and of all requests. */
  readonly team: string
  /** Of what cluster issuers refer to. */
  readonly ours: string
}

/** What a controller does in a good life: both kinds of issuers and requests, references of both kinds, renewals, events. */
export async function wholeLife(kube: Kube, { team, ours }: Places): Promise<void> {
  const spec = await referencesIn(kube, [team, ours])
  await kube.apply(issuer({ namespace: team, name: 'mesh', spec }))
  const allowedNamespaces = { selector: { matchLabels: { 'kubernetes.io/metadata.name': team } } }
  await kube.apply(issuer({ name: 'mesh', spec: { ...spec, allowedNamespaces } }))
  await kube.apply(issuer({ name: 'any', spec: { ...spec, profile: 'Any', allowedNamespaces: { selector: {} } } }))
  for (const issuerKind of ['MeshCAIssuer', 'MeshCAClusterIssuer']) await issueAndRenew(kube, team, issuerKind)
  await signingRequest(kube, 'csr', 'any')
  await approveSigningRequest(kube, 'csr')
  await tells(kube, { kind: 'CertificateSigningRequest', namespace: 'default', name: 'csr' }, 'Issued')
}

/** The part of it that lies in some namespaces. */
export async function lifeInNamespaces(kube: Kube, namespaces: readonly string[]): Promise<void> {
  const spec = await referencesIn(kube, namespaces)
  for (const namespace of namespaces) {
    await kube.apply(issuer({ namespace, name: 'mesh', spec }))
    await issueAndRenew(kube, namespace, 'MeshCAIssuer')
  }
}

/** Makes what an issuer refers to, and gives a spec that does. */
async function referencesIn(kube: Kube, namespaces: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const [root, other] = [await createAuthority({ commonName: 'root' }), await createAuthority({ commonName: 'other' })]
  const sha256 = [new X509Certificate(other.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()]
  for (const namespace of namespaces) {
    await kube.apply(caSecret(namespace, 'ca', root))
    const roots = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'roots' } }
    await kube.apply<KubeObject & { readonly data: object }>({ ...roots, data: { 'ca.crt': other.certificatePem } })
  }
  return {
    ca: { secretRef: { name: 'ca' } },
    trust: { additionalRoots: [{ configMapRef: { name: 'roots', sha256 } }] },
  }
}

async function issueAndRenew(kube: Kube, namespace: string, issuerKind: string): Promise<void> {
  const name = issuerKind.toLowerCase()
  await kube.apply(meshCertificate({ namespace, name, issuerName: 'mesh', issuerKind }))
  await certificateReady(kube, certificateReference(namespace, name))
  await renew(kube, certificateReference(namespace, name))
}

/** A Kubernetes CertificateSigningRequest to a cluster issuer. */
export async function signingRequest(kube: Kube, name: string, clusterIssuer: string): Promise<void> {
  const kind = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' }
  const request = Buffer.from(csrFor(name)).toString('base64')
  const signerName = `meshcaclusterissuers.meshca.dev/${clusterIssuer}`
  const spec = { request, signerName, usages: ['digital signature'] }
  await kube.create<KubeObject & { readonly spec: object }>({ ...kind, metadata: { name }, spec })
}
