import { type Authority, SigningError, type SigningRequest } from '../backend.ts'

/** How long certificates of a CA in mode SHORT_LIVED_CERTIFICATE may live: 7 days. No other has a limit but its own end. */
export const SHORT_LIVED_MS = 7 * 86_400_000

/**
 * Refuses what AWS would refuse as well, but in words and without a call.
 * @throws SigningError
 */
export function refuseBeyondAuthority(
  request: Pick<SigningRequest, 'isCA' | 'pathLength' | 'notBefore' | 'notAfter'>,
  { certificate, longestLifeMs }: Authority,
): void {
  const { isCA, pathLength = 0, notBefore, notAfter } = request
  const { notAfter: end, basicConstraints } = certificate
  if (notAfter > end) {
    throw new SigningError(
      'recheck-issuer',
      'authority-ends-first',
      'the CA certificate ends before the requested certificate would; renew the CA',
    )
  }
  // Only a request for less can be signed: the mode of a CA is for ever.
  if (longestLifeMs !== undefined && notAfter - notBefore > longestLifeMs) {
    throw new SigningError(
      'give-up',
      'short-lived-exceeded',
      `the CA issues short-lived certificates only (usage mode SHORT_LIVED_CERTIFICATE): ask for a duration of at most 168h, or use a CA in mode GENERAL_PURPOSE`,
    )
  }
  const limit = basicConstraints?.pathLength
  if (isCA && limit !== undefined && pathLength >= limit) {
    throw new SigningError(
      'recheck-issuer',
      'path-length-spent',
      `the CA's path length of ${limit} leaves no room for a CA of path length ${pathLength} below it`,
    )
  }
}
