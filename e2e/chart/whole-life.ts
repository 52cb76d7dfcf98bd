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
  const [root, other] = [await createAuthority({ commonName: 'root' }), await createAuthority({ commonName: 'other' })]
  const sha256 = [new X509Certificate(other.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()]
  const trust = { additionalRoots: [{ configMapRef: { name: 'roots', sha256 } }] }
  const spec = { ca: { secretRef: { name: 'ca' } }, trust }
  for (const place of [team, ours]) {
    await kube.apply(caSecret(place, 'ca', root))
    const roots = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: place, name: 'roots' } }
    await kube.apply<KubeObject & { readonly data: object }>({ ...roots, data: { 'ca.crt': other.certificatePem } })
  }
  await kube.apply(issuer({ namespace: team, name: 'mesh', spec }))
  const allowedNamespaces = { selector: { matchLabels: { 'kubernetes.io/metadata.name': team } } }
  await kube.apply(issuer({ name: 'mesh', spec: { ...spec, allowedNamespaces } }))
  await kube.apply(issuer({ name: 'any', spec: { ...spec, profile: 'Any', allowedNamespaces: { selector: {} } } }))
  for (const issuerKind of ['MeshCAIssuer', 'MeshCAClusterIssuer']) {
    const name = issuerKind.toLowerCase()
    await kube.apply(meshCertificate({ namespace: team, name, issuerName: 'mesh', issuerKind }))
    await certificateReady(kube, certificateReference(team, name))
    await renew(kube, certificateReference(team, name))
  }
  const kind = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' }
  const request = Buffer.from(csrFor('csr')).toString('base64')
  const wanted = { request, signerName: 'meshcaclusterissuers.meshca.dev/any', usages: ['digital signature'] }
  await kube.create<KubeObject & { readonly spec: object }>({ ...kind, metadata: { name: 'csr' }, spec: wanted })
  await approveSigningRequest(kube, 'csr')
  await tells(kube, { kind: 'CertificateSigningRequest', namespace: 'default', name: 'csr' }, 'Issued')
}
