import { SigningError } from '../backend.ts'
import { noCredentials } from './errors.ts'
import { type Failure, isThrottle } from './failure.ts'
import { describeUnanswered } from './unanswered.ts'

/** The call of the Security Token Service that failed. */
export interface StsContext {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
  readonly roleARN: string
  readonly region: string
  /** URL, where the issuer names one. */
  readonly endpoint: string | undefined
  /** Who comes with a token: `NAMESPACE/NAME` of the ServiceAccount. */
  readonly account?: string
}

interface Row {
  readonly code: string
  readonly message: (context: StsContext) => string
}

const EXPIRED: Row = {
  code: 'credentials-expired',
  message: ({ action, roleARN }) =>
    `the credentials or the token that ${roleARN} is assumed with (sts:${action}) have expired; renew them`,
}
const UNKNOWN_KEY: Row = {
  code: 'credentials-unknown',
  message: ({ roleARN }) =>
    `AWS does not know the access key that ${roleARN} is assumed with; correct the credentials of the issuer`,
}
const SIGNATURE: Row = {
  code: 'signature-refused',
  message: ({ roleARN }) =>
    `AWS refused the signature of the call that assumes ${roleARN}: correct the secret access key, and see that the clock of the node is right to within 5 minutes`,
}
const IDENTITY: Row = {
  code: 'web-identity-refused',
  message: ({ roleARN, account }) =>
    `AWS refused the token of ServiceAccount ${account ?? ''} for ${roleARN}: register the cluster's OIDC issuer as an identity provider of that account, with audience sts.amazonaws.com`,
}
const ARGUMENTS: Row = {
  code: 'assume-role-arguments-refused',
  message: ({ roleARN }) =>
    `AWS refused the arguments for assuming ${roleARN}: check its duration against the role's maximum (1h when roles are chained), its session name and its tags`,
}

/** Errors of the Security Token Service, without the ending "Exception": all of them concern the credentials. */
const TABLE: Readonly<Record<string, Row>> = {
  ExpiredToken: EXPIRED,
  RequestExpired: EXPIRED,
  UnrecognizedClient: UNKNOWN_KEY,
  InvalidClientTokenId: UNKNOWN_KEY,
  AuthFailure: UNKNOWN_KEY,
  InvalidSignature: SIGNATURE,
  SignatureDoesNotMatch: SIGNATURE,
  IncompleteSignature: SIGNATURE,
  RequestTimeTooSkewed: SIGNATURE,
  MissingAuthenticationToken: SIGNATURE,
  AccessDenied: { code: 'assume-role-denied', message: denied },
  NotAuthorized: { code: 'assume-role-denied', message: denied },
  InvalidIdentityToken: IDENTITY,
  IDPRejectedClaim: IDENTITY,
  RegionDisabled: {
    code: 'sts-region-disabled',
    message: ({ region }) =>
      `the Security Token Service is not activated in ${region} for this account; activate it there`,
  },
  PackedPolicyTooLarge: ARGUMENTS,
  MalformedPolicyDocument: ARGUMENTS,
  Validation: ARGUMENTS,
  ValidationError: ARGUMENTS,
  InvalidParameterValue: ARGUMENTS,
}

/** STS could not ask the cluster's OIDC issuer; that passes. */
const PASSING = 'IDPCommunicationError'

/** The remedy of a failed call of STS, in words. */
export function stsError(failure: Failure, context: StsContext): SigningError {
  const part = { part: 'CredentialsReady' } as const
  if (failure.kind === 'no-credentials') return noCredentials()
  if (failure.kind !== 'refused') {
    const host = context.endpoint ?? `sts of ${context.region}`
    const addressee = { host, field: 'awsPrivateCA.stsEndpoint', action: `sts:${context.action}` }
    const { remedy, code, message } = describeUnanswered(failure, addressee)
    return new SigningError(remedy, code, message, part)
  }
  const { name } = failure
  if (isThrottle(failure))
    return new SigningError('retry', 'throttled', `AWS throttles sts:${context.action}; it is tried again`, part)
  if (name === PASSING)
    return new SigningError(
      'retry',
      'identity-provider-unreachable',
      "AWS could not reach the cluster's OIDC issuer; it is tried again",
      part,
    )
  const row = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined
  const message =
    row?.message(context) ??
    `AWS refused sts:${context.action} for ${context.roleARN} with ${name}, for which no remedy is known here`
  return new SigningError('recheck-issuer', row?.code ?? 'aws-refused', message, part)
}

function denied({ action, roleARN, account }: StsContext): string {
  if (account === undefined)
    return `the credentials before it may not assume ${roleARN}: let the role's trust policy allow sts:${action} to them (with the external ID and tags that it asks for), and their own IAM policy as well`
  const subject = `system:serviceaccount:${account.replace('/', ':')}`
  return `ServiceAccount ${account} may not assume ${roleARN}: let the role's trust policy allow sts:${action} to the cluster's identity provider (audience sts.amazonaws.com, subject ${subject})`
}
