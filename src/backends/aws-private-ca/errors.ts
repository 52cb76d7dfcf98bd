import type { SigningError } from '../backend.ts'
import { describeDenied } from './access-denied.ts'
import type { AuthorityArn } from './arn.ts'
import type { Failure } from './failure.ts'
import { credentialRows, explain, type Refusals, type Row, type Rows } from './remedies.ts'

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

const CREDENTIALS = { remedy: 'recheck-issuer', part: 'CredentialsReady' } as const
const AUTHORITY = { remedy: 'recheck-issuer', part: 'AuthorityReady' } as const

const INVALID: Row<CallContext> = {
  remedy: 'recheck-issuer',
  code: 'arguments-refused',
  message: ({ action }, words) => `AWS refused the arguments of acm-pca:${action}${quoted(words)}`,
}
/** Words of AWS about arguments that come from the CSR; the rest is the issuer's, or has changed since its last check. */
const OF_THE_CSR = /\b(?:csr|subject|distinguished name|public key|alternative name)/i

function invalid({ action }: CallContext, words: string): Row<CallContext> {
  return action === 'IssueCertificate' && OF_THE_CSR.test(words) ? { ...INVALID, remedy: 'give-up' } : INVALID
}

const ROWS: Rows<CallContext> = {
  ...credentialRows<CallContext>({
    expired: {
      ...CREDENTIALS,
      code: 'credentials-expired',
      message: () =>
        "the issuer's AWS credentials have expired, and those got anew as well; renew them where they come from",
    },
    unknown: {
      ...CREDENTIALS,
      code: 'credentials-unknown',
      message: () =>
        "AWS does not know the issuer's access key or session token; correct the credentials of the issuer",
    },
    signature: {
      ...CREDENTIALS,
      code: 'signature-refused',
      message: () =>
        "AWS refused the signature of the call: correct the issuer's secret access key, and see that the clock of the node is right to within 5 minutes",
    },
    denied: {
      ...CREDENTIALS,
      code: 'access-denied',
      message: ({ action, authority, template }, words) => describeDenied({ action, authority, template, words }),
    },
  }),
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
  InvalidArgs: invalid,
  Validation: invalid,
  ValidationError: invalid,
  InvalidParameterValue: invalid,
  Serialization: invalid,
  InvalidRequest: invalid,
  InvalidTag: invalid,
  MalformedHttpRequest: invalid,
  RequestEntityTooLarge: invalid,
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

const PCA: Refusals<CallContext> = {
  rows: ROWS,
  throttled: {
    remedy: 'retry',
    code: 'throttled',
    message: ({ action, region }) =>
      `AWS throttles acm-pca:${action} in ${region}; it is tried again more slowly, and a higher quota can be asked for`,
  },
  unknown: {
    remedy: 'recheck-issuer',
    code: 'aws-refused',
    message: ({ action }, name) => `AWS refused acm-pca:${action} with ${name}, for which no remedy is known here`,
  },
  addressee: ({ action, region, endpoint }) => ({
    host: endpoint ?? `acm-pca of ${region}`,
    field: 'awsPrivateCA.endpoint',
    action: `acm-pca:${action}`,
  }),
  part: 'AuthorityReady',
}

/** The remedy of a failed call of AWS Private CA, in words. */
export function pcaError(failure: Failure, context: CallContext): SigningError {
  return explain(PCA, failure, context)
}

function quoted(words: string): string {
  return words === '' ? '' : `: "${words}"`
}
