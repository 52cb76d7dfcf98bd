import { type Remedy, SigningError, type SigningErrorOptions } from '../backend.ts'
import { type Failure, isThrottle } from './failure.ts'
import { type Addressee, describeUnanswered } from './unanswered.ts'

/** One way in which AWS refuses a call, and what would help. */
export interface Row<Context> {
  readonly remedy: Remedy
  readonly code: string
  readonly part?: SigningErrorOptions['part']
  readonly message: (context: Context, words: string) => string
}

/** By the name of the error, without its ending "Exception"; where one name means several things, AWS's words tell them apart. */
export type Rows<Context> = Readonly<Record<string, Row<Context> | ((context: Context, words: string) => Row<Context>)>>

/** How one service of AWS refuses. */
export interface Refusals<Context> {
  readonly rows: Rows<Context>
  readonly throttled: Row<Context>
  /** An error of another name, which its message is given: it waits for somebody who knows it. */
  readonly unknown: Row<Context>
  readonly addressee: (context: Context) => Addressee
  /** What does not work where no proper answer comes. */
  readonly part: NonNullable<SigningErrorOptions['part']>
}

/** The remedy of a failed call, in words. */
export function explain<Context>(refusals: Refusals<Context>, failure: Failure, context: Context): SigningError {
  if (failure.kind === 'no-credentials') return noCredentials()
  if (failure.kind !== 'refused') {
    const { remedy, code, message } = describeUnanswered(failure, refusals.addressee(context))
    return new SigningError(remedy, code, message, { part: refusals.part })
  }
  const { name, words } = failure
  if (isThrottle(failure)) return made(refusals.throttled, context, words)
  const known = Object.hasOwn(refusals.rows, name) ? refusals.rows[name] : undefined
  if (known === undefined) return made(refusals.unknown, context, name)
  return made(typeof known === 'function' ? known(context, words) : known, context, words)
}

/** The errors of every service that are about who calls. */
export function credentialRows<Context>(rows: {
  readonly expired: Row<Context>
  readonly unknown: Row<Context>
  readonly signature: Row<Context>
  readonly denied: Row<Context>
}): Rows<Context> {
  const { expired, unknown, signature, denied } = rows
  return {
    ExpiredToken: expired,
    RequestExpired: expired,
    UnrecognizedClient: unknown,
    InvalidClientTokenId: unknown,
    AuthFailure: unknown,
    InvalidSignature: signature,
    SignatureDoesNotMatch: signature,
    IncompleteSignature: signature,
    RequestTimeTooSkewed: signature,
    MissingAuthenticationToken: signature,
    AccessDenied: denied,
    NotAuthorized: denied,
  }
}

function made<Context>({ remedy, code, part, message }: Row<Context>, context: Context, words: string): SigningError {
  return new SigningError(remedy, code, message(context, words), part === undefined ? {} : { part })
}

/** The environment of the controller has none, or cannot be asked for them. */
function noCredentials(): SigningError {
  return new SigningError(
    'recheck-issuer',
    'credentials-missing',
    "the controller's environment has no AWS credentials: give its ServiceAccount a role (EKS Pod Identity or IRSA), or set awsPrivateCA.credentials",
    { part: 'CredentialsReady' },
  )
}
