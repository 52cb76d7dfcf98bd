import { awsPrivateCAs } from './aws-private-ca/backend.ts'
import type { OpenedBackend } from './backend.ts'
import type { BackendConfig } from './config.ts'
import { openLocal } from './local/backend.ts'
import type { BackendServices } from './services.ts'

/**
 * Opens the back end that a configuration describes.
 * @throws SigningError where the configuration itself cannot work
 */
export type OpenBackend = (config: BackendConfig) => OpenedBackend

/** The opener of all back ends; those that share a quota with one another do so through it. */
export function backendOpener(services: BackendServices): OpenBackend {
  const openAwsPrivateCA = awsPrivateCAs(services)
  return (config) => {
    switch (config.kind) {
      case 'local':
        return openLocal(config)
      case 'aws-private-ca':
        return openAwsPrivateCA(config)
    }
  }
}
