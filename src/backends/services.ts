import type { ServiceAccountToken, ServiceAccountTokenConfig } from './service-account.ts'

/** Something that happened between a back end and its PKI which metrics and the log should tell; never with a secret. */
export interface Incident {
  readonly backend: 'AWSPrivateCA' | 'Vault'
  /**
   * `throttled`: the PKI asked to slow down. `retried`: a call was repeated. `login`: credentials were got anew.
   * `stray`: a certificate exists, or may exist, that nobody was given.
   */
  readonly what: 'throttled' | 'retried' | 'login' | 'stray'
  /** One sentence, with serial number or ARN where there is one. */
  readonly message: string
}

/** Where calls with TLS leave through. */
export interface OutboundProxy {
  /** With user and password, where it asks for them. */
  readonly url: string
  /** Hosts that are called straight all the same, as NO_PROXY names them. */
  readonly except: string
}

/** What back ends need of their surroundings; made once and shared by all of them. */
export interface BackendServices {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 up to 1, for jitter. */
  readonly random: () => number
  /** Whether this process may still act: asked when a call is about to be sent. */
  readonly mayAct: () => boolean
  /**
   * Asks the API server for a token of 600 s.
   * @throws SigningError with part CredentialsReady, naming the right or the ServiceAccount that is missing
   */
  readonly serviceAccountToken: (
    account: ServiceAccountTokenConfig,
    signal: AbortSignal,
  ) => Promise<ServiceAccountToken>
  readonly report: (incident: Incident) => void
  /** Undefined: calls go straight. */
  readonly proxy: OutboundProxy | undefined
}
