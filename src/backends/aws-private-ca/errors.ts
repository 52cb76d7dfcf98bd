import { type Remedy, SigningError, type SigningErrorOptions } from '../backend.ts'
import { describeDenied } from './access-denied.ts'
import type { AuthorityArn } from './arn.ts'
import { type Failure, isThrottle } from './failure.ts'
import { describeUnanswered } from './unanswered.ts'

/** The call that failed. */
export interface CallContext {
  readonly action:
    | 'DescribeCertificateAuthority'
    | 'GetCertificateAuthorityCertificate'
    | 'IssueCertificate'
    | 'GetCertificate'
  readonly authority: AuthorityArn
  readonly region: string
  /** URL, where the issuer names one. */
  readonly endpoint: string | undefined
  /** `EndEntityCertificate/V1`, where one is issued with. */
  readonly template?: string
}

interface Row {
  readonly remedy: Remedy
  readonly code: string
  readonly part?: SigningErrorOptions['part']
  readonly retryAfterMs?: number
  readonly message: (context: CallContext, words: string) => string
}

const CREDENTIALS = { remedy: 'recheck-issuer', part: 'CredentialsReady' } as const
const AUTHORITY = { remedy: 'recheck-issuer', part: 'AuthorityReady' } as const

const EXPIRED: Row = {
  ...CREDENTIALS,
  code: 'credentials-expired',
  message: () =>
    "the issuer's AWS credentials have expired, and those got anew as well; renew them where they come from",
}
const UNKNOWN_KEY: Row = {
  ...CREDENTIALS,
  code: 'credentials-unknown',
  message: () => "AWS does not know the issuer's access key or session token; correct the credentials of the issuer",
}
const SIGNATURE: Row = {
  ...CREDENTIALS,
  code: 'signature-refused',
  message: () =>
    "AWS refused the signature of the call: correct the issuer's secret access key, and see that the clock of the node is right to within 5 minutes",
}
const THROTTLED: Row = {
  remedy: 'retry',
  code: 'throttled',
  message: ({ action, region }) =>
    `AWS throttles acm-pca:${action} in ${region}; it is tried again more slowly, and a higher quota can be asked for`,
}
const INVALID: Row = {
  remedy: 'recheck-issuer',
  code: 'arguments-refused',
  message: ({ action }, words) => `AWS refused the arguments of acm-pca:${action}${quoted(words)}`,
}

/** Every error that the service's reference and the "Common Errors" of AWS name, without the ending "Exception". */
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
  MissingAuthenticationToken: { ...SIGNATURE, code: 'signature-missing' },
  AccessDenied: {
    ...CREDENTIALS,
    code: 'access-denied',
    message: ({ action, authority, template }, words) => describeDenied({ action, authority, template, words }),
  },
  NotAuthorized: {
    ...CREDENTIALS,
    code: 'access-denied',
    message: ({ action, authority, template }, words) => describeDenied({ action, authority, template, words }),
  },
  OptInRequired: {
    ...CREDENTIALS,
    code: 'account-not-enabled',
    message: ({ region }) => `the AWS account is not enabled for AWS Private CA in ${region}; enable it, or the region`,
  },
  InvalidState: {
    ...AUTHORITY,
    code: 'authority-not-active',
    message: ({ authority }) =>
      `the CA ${authority.text} is not ACTIVE, so it signs nothing; enable, install or replace it`,
  },
  ResourceNotFound: {
    ...AUTHORITY,
    code: 'authority-not-found',
    message: ({ authority, region }) =>
      `there is no CA ${authority.text} in region ${region} that these credentials may see; correct awsPrivateCA.arn, or restore the CA`,
  },
  InvalidArn: {
    ...AUTHORITY,
    code: 'arn-invalid',
    message: ({ authority, template }) =>
      `AWS does not take ${template === undefined ? '' : `the template ${template} or `}the ARN ${authority.text}; correct awsPrivateCA.arn`,
  },
  LimitExceeded: {
    ...AUTHORITY,
    code: 'certificate-quota-spent',
    message: ({ authority }) =>
      `the CA ${authority.text} has issued as many certificates as its quota allows; ask AWS for a higher quota, or use another CA`,
  },
  MalformedCSR: {
    remedy: 'give-up',
    code: 'csr-refused',
    message: (_, words) =>
      `AWS refused the CSR${quoted(words)}; AWS takes RSA keys of 2048, 3072 or 4096 bits and ECDSA keys`,
  },
  InvalidArgs: INVALID,
  Validation: INVALID,
  ValidationError: INVALID,
  InvalidParameterValue: INVALID,
  Serialization: INVALID,
  InvalidRequest: INVALID,
  InvalidTag: INVALID,
  RequestFailed: {
    remedy: 'retry',
    code: 'request-failed',
    message: ({ action }) => `AWS says that acm-pca:${action} failed without saying why; it is tried again`,
  },
  RequestInProgress: {
    remedy: 'retry',
    code: 'request-in-progress',
    message: () => 'AWS has not finished the request before; it is asked for again',
  },
  UnknownOperation: {
    ...AUTHORITY,
    code: 'endpoint-unfit',
    message: ({ endpoint }) =>
      `${endpoint ?? 'the endpoint'} is not one of AWS Private CA; correct awsPrivateCA.endpoint`,
  },
}

/** Words of AWS about arguments that come from the CSR; the rest is the issuer's, or has changed since its last check. */
const OF_THE_CSR = /\b(?:csr|subject|distinguished name|public key|alternative name)/i

/** The remedy of a failed call, in words; an error of an unknown name waits for somebody who knows it. */
export function pcaError(failure: Failure, context: CallContext): SigningError {
  if (failure.kind === 'no-credentials') return noCredentials()
  if (failure.kind !== 'refused') return unanswered(failure, context)
  const { name, words } = failure
  const row = isThrottle(failure) ? THROTTLED : Object.hasOwn(TABLE, name) ? TABLE[name] : undefined
  if (row === undefined) {
    const message = `AWS refused acm-pca:${context.action} with ${name}, for which no remedy is known here`
    return new SigningError('recheck-issuer', 'aws-refused', message)
  }
  const remedy =
    row === INVALID && context.action === 'IssueCertificate' && OF_THE_CSR.test(words) ? 'give-up' : row.remedy
  return new SigningError(remedy, row.code, row.message(context, words), {
    ...(row.part === undefined ? {} : { part: row.part }),
    ...(row.retryAfterMs === undefined ? {} : { retryAfterMs: row.retryAfterMs }),
  })
}

/** The environment of the controller has none, or cannot be asked for them. */
export function noCredentials(): SigningError {
  return new SigningError(
    'recheck-issuer',
    'credentials-missing',
    "the controller's environment has no AWS credentials: give its ServiceAccount a role (EKS Pod Identity or IRSA), or set awsPrivateCA.credentials",
    { part: 'CredentialsReady' },
  )
}

function unanswered(
  failure: Exclude<Failure, { kind: 'refused' | 'no-credentials' }>,
  context: CallContext,
): SigningError {
  const { region, endpoint, action } = context
  const host = endpoint ?? `acm-pca of ${region}`
  const { remedy, code, message } = describeUnanswered(failure, {
    host,
    field: 'awsPrivateCA.endpoint',
    action: `acm-pca:${action}`,
  })
  return new SigningError(remedy, code, message, { part: 'AuthorityReady' })
}

function quoted(words: string): string {
  return words === '' ? '' : `: "${words}"`
}
