import type { ServiceAccountTokenConfig } from '../service-account.ts'

/** A CA of AWS Private CA, and how to get at it. */
export interface AwsPrivateCAConfig {
  readonly kind: 'aws-private-ca'
  /** `arn:PARTITION:acm-pca:REGION:ACCOUNT:certificate-authority/ID` */
  readonly arn: string
  readonly region: string
  /** URL of the service; AWS's own where absent. */
  readonly endpoint?: string
  /** URL of the Security Token Service; AWS's own where absent. */
  readonly stsEndpoint?: string
  readonly signingAlgorithm?: AwsSigningAlgorithm
  /** `SubordinateCACertificate_PathLen0/V1`, where the issuer's owner pins one. */
  readonly templateName?: string
  readonly credentials: AwsCredentialsConfig
  /** Assumed one after the other; the last one calls the CA. */
  readonly roles: readonly AwsRoleConfig[]
}

export type AwsSigningAlgorithm = `SHA${256 | 384 | 512}WITH${'RSA' | 'ECDSA'}`

export type AwsCredentialsConfig =
  /** Those of the controller's own environment. */
  | { readonly kind: 'ambient' }
  | {
      readonly kind: 'keys'
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string
    }
  /** A token that is exchanged for the first role. */
  | { readonly kind: 'web-identity'; readonly account: ServiceAccountTokenConfig }

export interface AwsRoleConfig {
  readonly roleARN: string
  readonly externalID?: string
  readonly sessionName: string
  readonly durationSeconds?: number
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}
