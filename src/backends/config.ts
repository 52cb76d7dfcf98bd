import type { LocalConfig } from './local/config.ts'

/** What a back end is opened with: each back end's own configuration, all references already resolved. */
export type BackendConfig = LocalConfig
