import type { SigningError } from '../backend.ts'
import { policyAgainst } from './access-denied.ts'
import type { Failure } from './failure.ts'
import { credentialRows, explain, type Refusals, type Row, type Rows } from './remedies.ts'

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

/** All of them concern the credentials. */
const PART = { part: 'CredentialsReady' } as const
const BROKEN = { remedy: 'recheck-issuer', ...PART } as const

const IDENTITY: Row<StsContext> = {
  ...BROKEN,
  code: 'web-identity-refused',
  message: ({ roleARN, account }) =>
    `AWS refused the token of ServiceAccount ${account ?? ''} for ${roleARN}: register the cluster's OIDC issuer as an identity provider of that account, with audience sts.amazonaws.com`,
}
const ARGUMENTS: Row<StsContext> = {
  ...BROKEN,
  code: 'assume-role-arguments-refused',
  message: ({ roleARN }) =>
    `AWS refused the arguments for assuming ${roleARN}: check its duration, its session name and its tags`,
}
const TOO_LONG = { ...BROKEN, code: 'session-too-long' } as const
const CHAINED: Row<StsContext> = {
  ...TOO_LONG,
  message: ({ roleARN }) =>
    `${roleARN} is assumed with the session of another role, and AWS ends such a session after an hour: set the duration of that role in awsPrivateCA.assumeRole to 1h at most, or leave it out`,
}
const BEYOND_ROLE: Row<StsContext> = {
  ...TOO_LONG,
  message: ({ roleARN }) =>
    `${roleARN} is assumed for longer than its maximum session duration: raise that, or lower the duration of that role in awsPrivateCA.assumeRole`,
}

function argumentsRow(_: StsContext, words: string): Row<StsContext> {
  if (/role chaining/i.test(words)) return CHAINED
  return /MaxSessionDuration/i.test(words) ? BEYOND_ROLE : ARGUMENTS
}

const ROWS: Rows<StsContext> = {
  ...credentialRows<StsContext>({
    expired: {
      ...BROKEN,
      code: 'credentials-expired',
      message: ({ action, roleARN }) =>
        `the credentials or the token that ${roleARN} is assumed with (sts:${action}) have expired; renew them`,
    },
    unknown: {
      ...BROKEN,
      code: 'credentials-unknown',
      message: ({ roleARN }) =>
        `AWS does not know the access key that ${roleARN} is assumed with; correct the credentials of the issuer`,
    },
    signature: {
      ...BROKEN,
      code: 'signature-refused',
      message: ({ roleARN }) =>
        `AWS refused the signature of the call that assumes ${roleARN}: correct the secret access key, and see that the clock of the node is right to within 5 minutes`,
    },
    denied: { ...BROKEN, code: 'assume-role-denied', message: denied },
  }),
  InvalidIdentityToken: IDENTITY,
  IDPRejectedClaim: IDENTITY,
  IDPCommunicationError: {
    remedy: 'retry',
    ...PART,
    code: 'identity-provider-unreachable',
    message: () => "AWS could not reach the cluster's OIDC issuer; it is tried again",
  },
  RegionDisabled: {
    ...BROKEN,
    code: 'sts-region-disabled',
    message: ({ region }) =>
      `the Security Token Service is not activated in ${region} for this account; activate it there`,
  },
  PackedPolicyTooLarge: ARGUMENTS,
  MalformedPolicyDocument: ARGUMENTS,
  Validation: argumentsRow,
  ValidationError: argumentsRow,
  InvalidParameterValue: argumentsRow,
}

const STS: Refusals<StsContext> = {
  rows: ROWS,
  throttled: {
    remedy: 'retry',
    ...PART,
    code: 'throttled',
    message: ({ action }) => `AWS throttles sts:${action}; it is tried again`,
  },
  unknown: {
    ...BROKEN,
    code: 'aws-refused',
    message: ({ action, roleARN }, name) =>
      `AWS refused sts:${action} for ${roleARN} with ${name}, for which no remedy is known here`,
  },
  addressee: ({ action, region, endpoint }) => ({
    host: endpoint ?? `sts of ${region}`,
    field: 'awsPrivateCA.stsEndpoint',
    action: `sts:${action}`,
  }),
  ...PART,
}

/** The remedy of a failed call of STS, in words. */
export function stsError(failure: Failure, context: StsContext): SigningError {
  return explain(STS, failure, context)
}

function denied({ action, roleARN, account }: StsContext, words: string): string {
  const against = policyAgainst(words)
  if (against !== undefined) return `sts:${action} for ${roleARN} is not allowed: ${against}`
  if (account === undefined)
    return `the credentials before it may not assume ${roleARN}: let the role's trust policy allow sts:${action} to them (with the external ID and tags that it asks for), and their own IAM policy as well`
  const subject = `system:serviceaccount:${account.replace('/', ':')}`
  return `ServiceAccount ${account} may not assume ${roleARN}: let the role's trust policy allow sts:${action} to the cluster's identity provider (audience sts.amazonaws.com, subject ${subject})`
}
