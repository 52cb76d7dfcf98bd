import { AwsError } from './aws-error.ts'
import { isObject } from './input.ts'
import type { Claims, WebIdentityTrust } from './options.ts'

/**
 * The claims of a token, after the checks of AssumeRoleWithWebIdentity: not expired, and issuer, audience and subject as
 * the role trusts them. Its signature is not verified.
 * @throws AwsError `InvalidIdentityToken`, `ExpiredTokenException`, `AccessDenied`
 */
export function readWebIdentity(token: string, trust: WebIdentityTrust | undefined, now: number): Claims {
  const claims = decode(token)
  if (trust === undefined) throw notAuthorized()
  const { exp, iss, aud, sub } = claims
  if (typeof exp !== 'number' || exp * 1000 <= now) {
    throw new AwsError(
      'ExpiredTokenException',
      'Token expired: current date/time must be before the expiration date/time',
    )
  }
  if (trust.issuer !== undefined && trust.issuer !== iss) {
    throw invalid('No OpenIDConnect provider found in your account for the issuer of the token')
  }
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(trust.audience ?? 'sts.amazonaws.com')) throw invalid('Incorrect token audience')
  if (trust.subjects?.some((subject) => subject === sub) === false) throw notAuthorized()
  return claims
}

/** What STS says where the trust policy does not let the token in. */
export function notAuthorized(): AwsError {
  return new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403)
}

function decode(token: string): Claims {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? []
  if (payload === undefined)
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (isObject(claims)) return claims
  } catch {
    // Said below.
  }
  throw invalid('The ID Token provided is not a valid JWT')
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidIdentityToken', message)
}
