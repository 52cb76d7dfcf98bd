import type { OpenedBackend } from './backend.ts'
import type { BackendConfig } from './config.ts'
import { openLocal } from './local/backend.ts'
import type { BackendServices } from './services.ts'
import { openVault } from './vault/backend.ts'

/**
 * Opens the back end that a configuration describes.
 * @throws SigningError where the configuration itself cannot work
 */
export type OpenBackend = (config: BackendConfig) => Promise<OpenedBackend>

/**
 * The opener of all back ends; those that share a quota with one another do so through it. What a service needs is loaded
 * when its first issuer is opened: an SDK takes more memory than all the rest of the program.
 */
export function backendOpener(services: BackendServices): OpenBackend {
  const aws = once(async () => (await import('./aws-private-ca/backend.ts')).awsPrivateCAs(services))
  return async (config) => {
    switch (config.kind) {
      case 'local':
        return openLocal(config)
      case 'aws-private-ca':
        return (await aws())(config)
      case 'vault':
        return openVault(config, services)
    }
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
