import type { Issuer } from '../api/issuer.ts'
import { CLUSTER_ISSUER_KIND } from '../api/names.ts'
import { ConfigurationError } from './references.ts'

/** What the operator of the controller allows those who may create issuers; they need not be the same people. */
export interface OperatorPolicy {
  /** Lets endpoints be http:// addresses; for labs. */
  readonly insecureEndpoints: boolean
  /** Hosts, with the port where it is not 443, that a namespaced issuer may send ambient credentials to. */
  readonly allowedEndpoints: readonly string[]
  /** Lets namespaced issuers use the controller's own cloud credentials. */
  readonly issuerAmbientCredentials: boolean
}

/** An issuer as its back end's configuration depends on it. */
export interface IssuerScope {
  readonly clusterScoped: boolean
  /** Where its references are read. */
  readonly namespace: string
  readonly name: string
}

/** Its own namespace, or for the cluster kind the one that is configured. */
export function scopeOf({ kind, metadata }: Issuer, clusterResourceNamespace: string): IssuerScope {
  if (kind === CLUSTER_ISSUER_KIND)
    return { clusterScoped: true, namespace: clusterResourceNamespace, name: metadata.name }
  return { clusterScoped: false, namespace: metadata.namespace, name: metadata.name }
}

/**
 * An address that something is sent to, as the spec has it.
 * @param field the member of spec, for messages
 * @throws ConfigurationError where it is not https and this is no lab
 */
export function checkEndpoint(field: string, url: string, policy: OperatorPolicy): void {
  if (protocolOf(url) === 'https:' || (policy.insecureEndpoints && protocolOf(url) === 'http:')) return
  throw new ConfigurationError('EndpointForbidden', `${field} must be an https:// address`)
}

/**
 * Whether this issuer may use the controller's own cloud credentials, and send them to this endpoint.
 * @throws ConfigurationError
 */
export function checkAmbient(
  scope: IssuerScope,
  endpoints: readonly (string | undefined)[],
  policy: OperatorPolicy,
): void {
  if (scope.clusterScoped) return
  if (!policy.issuerAmbientCredentials) {
    throw new ConfigurationError(
      'AmbientCredentialsForbidden',
      "a namespaced issuer may not use the controller's own cloud credentials; set 'credentials', use a MeshCAClusterIssuer, or have the operator set --issuer-ambient-credentials",
    )
  }
  const foreign = endpoints.map(hostOf).find((host) => host !== undefined && !isAllowed(host, policy))
  if (foreign === undefined) return
  throw new ConfigurationError(
    'EndpointForbidden',
    `the controller's own cloud credentials are not sent to ${foreign}, which a namespaced issuer chose; set 'credentials', or have the operator add the host to --allowed-endpoints`,
  )
}

/** The whole host counts, never a part of it: whoever owns a part need not own the rest. */
function isAllowed(host: string, { allowedEndpoints }: OperatorPolicy): boolean {
  return allowedEndpoints.some((allowed) => hostOf(`https://${allowed}`) === host)
}

/** In lower case, with the port where it is not the protocol's own. */
function hostOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  return URL.canParse(url) ? new URL(url).host : url
}

function protocolOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).protocol : undefined
}
