import type { ServiceAccountTokenConfig } from '../service-account.ts'

/** An issuer of a PKI secrets engine of HashiCorp Vault or OpenBao. */
export interface VaultConfig {
  readonly kind: 'vault'
  /** Address of the server: https, or http where the operator allows it. */
  readonly server: string
  readonly namespace?: string
  /** Path of the secrets engine. */
  readonly mount: string
  /** Name or ID of an issuer, or `default`. */
  readonly issuerRef: string
  /** SHA-256 that its certificate must have, lower-case hex. */
  readonly issuerFingerprint?: string
  /** PKI role that end-entity certificates are signed with. */
  readonly role?: string
  /** What a check proves permission for. */
  readonly signs: readonly VaultProduct[]
  /** PEM: the roots that the server must chain to; those of the system where absent. */
  readonly caBundle?: string
  /** Name that the server's certificate must carry; the host of `server` where absent. */
  readonly serverName?: string
  /** For the connection; the one of the login with a certificate takes its place. */
  readonly clientCertificate?: ClientCertificateConfig
  readonly auth: VaultAuthConfig
}

export type VaultProduct = 'ca' | 'end-entity'

export interface ClientCertificateConfig {
  /** PEM: the certificate, then its chain. */
  readonly certificates: string
  /** PEM */
  readonly privateKey: string
}

/** How to log in; `mount` is the path of the auth method. */
export type VaultAuthConfig =
  | { readonly method: 'token'; readonly token: string }
  | { readonly method: 'appRole'; readonly mount: string; readonly roleID: string; readonly secretID: string }
  | {
      readonly method: 'kubernetes' | 'jwt'
      readonly mount: string
      readonly role: string
      readonly account: ServiceAccountTokenConfig
    }
  | {
      readonly method: 'certificate'
      readonly mount: string
      /** The certificate role; the server tries all of them where absent. */
      readonly name?: string
      readonly clientCertificate: ClientCertificateConfig
    }
