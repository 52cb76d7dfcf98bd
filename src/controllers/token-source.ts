import { isObject, readString } from '../api/read.ts'
import { parseTime } from '../api/time.ts'
import { SigningError } from '../backends/backend.ts'
import type { ServiceAccountTokenConfig } from '../backends/service-account.ts'
import type { BackendServices } from '../backends/services.ts'
import type { ApiClient } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import { serviceAccountTokenPath } from './object-paths.ts'

/** The shortest life that the API server gives: 600 seconds (Kubernetes v1.36 pkg/apis/authentication/validation). */
const TOKEN_SECONDS = 600

/** Asks the API server for tokens of ServiceAccounts, one for each call. */
export function tokenSource(client: ApiClient, now: () => number): BackendServices['serviceAccountToken'] {
  return async (account, signal) => {
    const { namespace, name, audiences } = account
    const askedAt = now()
    try {
      const answer = await client.request<unknown>({
        method: 'POST',
        path: serviceAccountTokenPath(namespace, name),
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences, expirationSeconds: TOKEN_SECONDS },
        },
        signal,
      })
      const status = isObject(answer) && isObject(answer.status) ? answer.status : {}
      const token = readString(status.token)
      if (token === undefined || token === '') throw unusable(account)
      return { token, expiresAt: parseTime(readString(status.expirationTimestamp)) ?? askedAt + TOKEN_SECONDS * 1000 }
    } catch (error) {
      throw error instanceof ApiError ? refusedToken(account, error) : error
    }
  }
}

function refusedToken({ namespace, name }: ServiceAccountTokenConfig, error: ApiError): SigningError {
  const options = { cause: error, part: 'CredentialsReady' } as const
  if (error.status === 404) {
    const message = `the ServiceAccount ${name} does not exist in namespace ${namespace}; create it, or correct its name`
    return new SigningError('recheck-issuer', 'service-account-not-found', message, options)
  }
  if (error.status === 403) {
    const message = `the controller may not create tokens of ServiceAccount ${name} in namespace ${namespace}; grant its ServiceAccount the verb create on serviceaccounts/token with this resourceName`
    return new SigningError('recheck-issuer', 'token-forbidden', message, options)
  }
  const message = `no token of ServiceAccount ${name} could be had: ${error.message}`
  return new SigningError('retry', 'token-unavailable', message, options)
}

function unusable({ namespace, name }: ServiceAccountTokenConfig): SigningError {
  const message = `the API server's answer held no token of ServiceAccount ${name} in namespace ${namespace}`
  return new SigningError('retry', 'token-unavailable', message, { part: 'CredentialsReady' })
}
