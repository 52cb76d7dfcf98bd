/** An error as AWS answers it: its name on the wire, its message, its HTTP status (JSON 1.1 services use 400 for nearly all). */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** What the query protocol of STS calls the errors that all services have in common ("Common Errors" of its API reference). */
const QUERY_ERRORS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDeniedException: ['AccessDenied', 403],
  ExpiredTokenException: ['ExpiredToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 400],
  InternalFailure: ['InternalFailure', 500],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  ThrottlingException: ['Throttling', 400],
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ValidationException: ['ValidationError', 400],
}

/** The same error under the name that the query protocol has for it. */
export function asQueryError(error: AwsError): AwsError {
  const [code, status] = QUERY_ERRORS[error.code] ?? [error.code, error.status]
  return new AwsError(code, error.message, status)
}

/** A parameter that breaks the service model, in the words of the services' common validation. */
export function invalidMember(member: string, value: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: ${value === 'null' ? 'Value null' : `Value '${value}'`} at '${member}' failed to satisfy constraint: ${constraint}`,
  )
}
