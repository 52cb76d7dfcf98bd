import { SigningError } from '../backend.ts'
import type { AwsSigningAlgorithm } from './config.ts'

const ALGORITHMS: readonly AwsSigningAlgorithm[] = [
  'SHA256WITHRSA',
  'SHA384WITHRSA',
  'SHA512WITHRSA',
  'SHA256WITHECDSA',
  'SHA384WITHECDSA',
  'SHA512WITHECDSA',
]

/** What DescribeCertificateAuthority says of the CA's key. */
export interface AuthorityAlgorithms {
  /** `RSA_2048`, `EC_prime256v1` */
  readonly keyAlgorithm: string
  readonly signingAlgorithm: string
}

/**
 * What the CA signs with: as pinned, else the algorithm that it was made for.
 * @throws SigningError where its key cannot
 */
export function signingAlgorithmFor(
  pin: AwsSigningAlgorithm | undefined,
  { keyAlgorithm, signingAlgorithm }: AuthorityAlgorithms,
): AwsSigningAlgorithm {
  const family = keyAlgorithm.startsWith('RSA_') ? 'RSA' : keyAlgorithm.startsWith('EC_') ? 'ECDSA' : undefined
  if (family === undefined) {
    throw refused(
      'key-algorithm-unsupported',
      `the CA has a key of kind ${quoteWord(keyAlgorithm)}, which Istio cannot use; use a CA with an RSA or ECDSA key`,
    )
  }
  const algorithm = pin ?? ALGORITHMS.find((one) => one === signingAlgorithm)
  if (algorithm?.endsWith(`WITH${family}`) === true) return algorithm
  const wish = pin === undefined ? `the CA's own algorithm ${quoteWord(signingAlgorithm)}` : `signingAlgorithm ${pin}`
  throw refused(
    'signing-algorithm-unfit',
    `${wish} does not fit the CA's ${family} key; set awsPrivateCA.signingAlgorithm to one that ends in WITH${family}${pin === undefined ? '' : ', or leave it out'}`,
  )
}

/** A name from an answer, for a message. */
function quoteWord(text: string): string {
  return /^\w{1,40}$/.test(text) ? text : '(unknown)'
}

function refused(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message, { part: 'AuthorityReady' })
}
