/** Whose token a back end logs in with, and whom the token is for. */
export interface ServiceAccountTokenConfig {
  readonly namespace: string
  readonly name: string
  /** Never empty, and never the API server's own. */
  readonly audiences: readonly string[]
}

/** A token of a ServiceAccount, as the API server made it. */
export interface ServiceAccountToken {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}
