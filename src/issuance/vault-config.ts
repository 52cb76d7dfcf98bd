import type { KeyReference, Profile, SecretReference, VaultAuth, VaultSpec } from '../api/issuer.ts'
import type { ClientCertificateConfig, VaultAuthConfig, VaultConfig, VaultProduct } from '../backends/config.ts'
import { checkEndpoint, type IssuerScope, type OperatorPolicy } from './operator-policy.ts'
import {
  ConfigurationError,
  configMap,
  entry,
  found,
  type Lookup,
  optionalEntry,
  type Reference,
  secret,
} from './references.ts'

export interface VaultContext {
  readonly scope: IssuerScope
  readonly policy: OperatorPolicy
  readonly profile: Profile
}

const PRODUCTS: Readonly<Record<Profile, readonly VaultProduct[]>> = {
  MeshCA: ['ca'],
  EndEntity: ['end-entity'],
  Any: ['ca', 'end-entity'],
}

/** Audiences that API servers take for their own: of kubeadm and most others, of k3s and of kOps. */
const API_SERVER =
  /^(?:https?:\/\/)?(?:kubernetes(?:\.default(?:\.svc(?:\.[^/:]+)?)?|\.svc\.default)?|k3s)(?::\d+)?\/?$/i

export function vaultReferences(spec: VaultSpec): readonly Reference[] {
  const { auth, caBundleSecretRef, caBundleConfigMapRef, clientCertificateSecretRef } = spec
  const secrets = [
    caBundleSecretRef,
    clientCertificateSecretRef,
    auth.token?.secretRef,
    auth.appRole?.secretRef,
    auth.certificate?.secretRef,
  ]
  return [
    ...secrets.flatMap((reference) => (reference === undefined ? [] : [secret(reference.name)])),
    ...(caBundleConfigMapRef === undefined ? [] : [configMap(caBundleConfigMapRef.name)]),
  ]
}

/**
 * The configuration of a `vault` back end.
 * @throws ConfigurationError
 */
export function vaultConfig(spec: VaultSpec, lookup: Lookup, context: VaultContext): VaultConfig {
  const { server, namespace, mount, issuerRef, issuerFingerprint, role, serverName } = spec
  checkEndpoint('vault.server', server, context.policy)
  const caBundle = bundleOf(spec, lookup)
  return {
    kind: 'vault',
    server,
    ...(namespace === undefined ? {} : { namespace }),
    mount,
    issuerRef,
    ...(issuerFingerprint === undefined ? {} : { issuerFingerprint }),
    ...(role === undefined ? {} : { role }),
    signs: PRODUCTS[context.profile],
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(spec.clientCertificateSecretRef === undefined
      ? {}
      : { clientCertificate: pairOf(spec.clientCertificateSecretRef, lookup) }),
    auth: authOf(spec.auth, lookup, context.scope),
  }
}

function bundleOf(
  { caBundle, caBundleSecretRef, caBundleConfigMapRef }: VaultSpec,
  lookup: Lookup,
): string | undefined {
  if (caBundleSecretRef !== undefined) return valueIn(secret(caBundleSecretRef.name), caBundleSecretRef, lookup)
  if (caBundleConfigMapRef !== undefined)
    return valueIn(configMap(caBundleConfigMapRef.name), caBundleConfigMapRef, lookup)
  return caBundle
}

function authOf(auth: VaultAuth, lookup: Lookup, scope: IssuerScope): VaultAuthConfig {
  const { token, appRole, kubernetes, jwt, certificate } = auth
  if (token !== undefined) return { method: 'token', token: credential(token.secretRef, lookup) }
  if (appRole !== undefined) {
    const { mount, roleID, secretRef } = appRole
    return { method: 'appRole', mount, roleID, secretID: credential(secretRef, lookup) }
  }
  if (certificate !== undefined) {
    const { mount, name, secretRef } = certificate
    const clientCertificate = pairOf(secretRef, lookup)
    return { method: 'certificate', mount, ...(name === undefined ? {} : { name }), clientCertificate }
  }
  const [method, login] = kubernetes === undefined ? (['jwt', jwt] as const) : (['kubernetes', kubernetes] as const)
  if (login === undefined)
    throw new ConfigurationError('BackendMissing', 'vault.auth names no way to log in; set exactly one')
  const { mount, role, serviceAccountRef } = login
  const audiences = audiencesOf(serviceAccountRef.audiences, scope)
  return { method, mount, role, account: { namespace: scope.namespace, name: serviceAccountRef.name, audiences } }
}

/** Never empty, which means the API server's own; a token for that would let Vault act as the ServiceAccount. */
function audiencesOf(audiences: readonly string[] | undefined, scope: IssuerScope): readonly string[] {
  const { clusterScoped, namespace, name } = scope
  if (audiences === undefined || audiences.length === 0)
    return [clusterScoped ? `vault://${name}` : `vault://${namespace}/${name}`]
  const forbidden = audiences.find((audience) => API_SERVER.test(audience.trim()) || audience.trim() === '')
  if (forbidden === undefined) return audiences
  throw new ConfigurationError(
    'AudienceForbidden',
    "serviceAccountRef.audiences of vault.auth names the API server, so that Vault could act as the ServiceAccount; name an audience of Vault's own, or leave it out",
  )
}

/** People pipe tokens into Secrets with a line end behind them, and Vault would call them wrong. */
function credential({ name, key }: KeyReference, lookup: Lookup): string {
  const reference = secret(name)
  const value = optionalEntry(found(reference, lookup), key)?.trim() ?? ''
  return entry(reference, { [key]: value }, key)
}

function valueIn(reference: Reference, { key }: KeyReference, lookup: Lookup): string {
  return entry(reference, found(reference, lookup), key)
}

function pairOf({ name }: SecretReference, lookup: Lookup): ClientCertificateConfig {
  const reference = secret(name)
  const data = found(reference, lookup)
  return { certificates: entry(reference, data, 'tls.crt'), privateKey: entry(reference, data, 'tls.key') }
}
