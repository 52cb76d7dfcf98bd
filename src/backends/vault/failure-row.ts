import type { Remedy, SigningErrorOptions } from '../backend.ts'
import type { VaultConfig } from './config.ts'
import type { VaultFailure } from './failure.ts'

/** What a call was for. */
export interface Asked {
  readonly config: VaultConfig
  readonly purpose: 'login' | 'check' | 'sign'
  /** Below `/v1/`. */
  readonly path: string
  /** What a policy must grant on it. */
  readonly capability: 'read' | 'update'
}

/** One way in which a call can fail, and what would help. */
export interface FailureRow {
  /** HTTP statuses; 0 = no answer. */
  readonly status: readonly number[]
  /** Of the code where there was no answer, else of one of the server's own `errors`. */
  readonly says?: RegExp
  readonly purpose?: Asked['purpose']
  readonly remedy: Remedy
  readonly code: string
  readonly part?: SigningErrorOptions['part']
  readonly message: (asked: Asked, failure: VaultFailure) => string
}
