/** The API group of the kinds that this program serves. */
export const GROUP = 'meshca.dev'
/** The only version of the group. */
export const VERSION = 'v1alpha1'
/** What `apiVersion` says in objects of our kinds. */
export const API_VERSION = `${GROUP}/${VERSION}`

/** `MeshCAIssuer` lives in a namespace and serves requests of that namespace; `MeshCAClusterIssuer` serves namespaces that it names. */
export type IssuerKind = 'MeshCAIssuer' | 'MeshCAClusterIssuer'
export const ISSUER_KIND = 'MeshCAIssuer' as const
export const CLUSTER_ISSUER_KIND = 'MeshCAClusterIssuer' as const

/** The resource name of each kind, as in URLs, RBAC rules and signer names. */
export const PLURALS: Readonly<Record<IssuerKind, string>> = {
  MeshCAIssuer: 'meshcaissuers',
  MeshCAClusterIssuer: 'meshcaclusterissuers',
}

/** What a Kubernetes `spec.signerName` of ours starts with; the name of a MeshCAClusterIssuer follows. */
export const SIGNER_NAME_PREFIX = `${PLURALS.MeshCAClusterIssuer}.${GROUP}/`

/** Who writes: the field manager of server-side apply, and the reporting controller of events. */
export const FIELD_MANAGER = 'mesh-ca-issuer'

/** A wish of the requester: the pathLen of the CA that is asked for. The issuer's `maxPathLength` is the control. */
export const PATH_LENGTH_ANNOTATION = `${GROUP}/path-length`

/** The group of cert-manager's kinds, and the path and name of the one that is signed here. */
export const CERT_MANAGER_GROUP = 'cert-manager.io'
export const CERT_MANAGER_API_VERSION = `${CERT_MANAGER_GROUP}/v1`
export const CERTIFICATE_REQUEST_KIND = 'CertificateRequest'
export const CERTIFICATE_REQUEST_PLURAL = 'certificaterequests'

/** Kubernetes' own signing requests. */
export const KUBERNETES_CSR_API_VERSION = 'certificates.k8s.io/v1'
export const KUBERNETES_CSR_KIND = 'CertificateSigningRequest'
export const KUBERNETES_CSR_PLURAL = 'certificatesigningrequests'
/** cert-manager's annotations on Kubernetes signing requests (cert-manager pkg/apis/experimental/v1alpha1). */
export const CSR_DURATION_ANNOTATION = 'experimental.cert-manager.io/request-duration'
export const CSR_IS_CA_ANNOTATION = 'experimental.cert-manager.io/request-is-ca'
