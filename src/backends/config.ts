import type { AwsPrivateCAConfig } from './aws-private-ca/config.ts'
import type { LocalConfig } from './local/config.ts'
import type { VaultConfig } from './vault/config.ts'

export type { AwsCredentialsConfig, AwsPrivateCAConfig, AwsRoleConfig } from './aws-private-ca/config.ts'
export type { ClientCertificateConfig, VaultAuthConfig, VaultConfig, VaultProduct } from './vault/config.ts'

/** What a back end is opened with: each back end's own configuration, all references already resolved. */
export type BackendConfig = LocalConfig | AwsPrivateCAConfig | VaultConfig
