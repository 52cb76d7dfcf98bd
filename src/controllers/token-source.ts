import { isObject, type JsonObject, readObject, readString } from '../api/read.ts'
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
      if (isForItsMaker(token)) throw forbidden(account)
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

/**
 * Unless it is told otherwise an API server takes tokens whose audience is its own issuer (kube-apiserver's --api-audiences),
 * which each cloud calls differently; the names that are common everywhere are refused with the spec.
 */
function isForItsMaker(token: string): boolean {
  const { iss, aud } = claimsOf(token)
  return typeof iss === 'string' && (Array.isArray(aud) ? aud.includes(iss) : aud === iss)
}

/** What a JWT says (RFC 7519); nothing where it is none. */
function claimsOf(token: string): JsonObject {
  const [, payload = ''] = token.split('.')
  try {
    return readObject(JSON.parse(Buffer.from(payload, 'base64url').toString())) ?? {}
  } catch {
    return {}
  }
}

function forbidden({ name }: ServiceAccountTokenConfig): SigningError {
  const message = `an audience of the token of ServiceAccount ${name} is the API server's own, so that whoever is shown it could act as the ServiceAccount; name another one in serviceAccountRef.audiences`
  return new SigningError('recheck-issuer', 'audience-forbidden', message, { part: 'CredentialsReady' })
}

function unusable({ namespace, name }: ServiceAccountTokenConfig): SigningError {
  const message = `the API server's answer held no token of ServiceAccount ${name} in namespace ${namespace}`
  return new SigningError('retry', 'token-unavailable', message, { part: 'CredentialsReady' })
}
