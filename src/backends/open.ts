import type { Backend } from './backend.ts'
import type { BackendConfig } from './config.ts'
import { openLocal } from './local/backend.ts'

/**
 * Opens the back end that a configuration describes.
 * @throws SigningError where the configuration itself cannot work
 */
export function openBackend(config: BackendConfig): Backend {
  switch (config.kind) {
    case 'local':
      return openLocal(config)
  }
}
