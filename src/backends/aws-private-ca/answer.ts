import { type Certificate, isSelfSigned, parseCertificates } from '../../pki/certificate.ts'
import { orderChain } from '../../pki/chain.ts'
import { PkiError } from '../../pki/error.ts'
import { type Authority, SigningError, type SigningResult } from '../backend.ts'

/** PEM as AWS gives it: a certificate, and what stands above it. */
export interface PemAnswer {
  readonly certificate: string
  readonly chain: string | undefined
}

type Issued = Extract<SigningResult, { readonly state: 'issued' }>

/**
 * Reads the answer of GetCertificate. Roots are known by their signature on themselves, never by their place.
 * @throws SigningError `answer-unreadable`
 */
export function readIssued(answer: PemAnswer): Issued {
  const [certificate, above] = read(answer, 'the certificate')
  return { state: 'issued', chain: [certificate, ...above], roots: above.filter(isSelfSigned) }
}

/**
 * Reads the answer of GetCertificateAuthorityCertificate; for a root there is no chain.
 * @throws SigningError `answer-unreadable`, `authority-chain-open`
 */
export function readAuthority(answer: PemAnswer): Authority {
  const [certificate, above] = read(answer, "the CA's certificate")
  try {
    return { certificate, ...orderChain(certificate, above) }
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw new SigningError(
      'recheck-issuer',
      'authority-chain-open',
      `the chain that the CA was installed with does not reach a self-signed root (${error.message}); import the CA's certificate again with its whole chain`,
      { cause: error, part: 'AuthorityReady' },
    )
  }
}

function read({ certificate, chain }: PemAnswer, what: string): readonly [Certificate, readonly Certificate[]] {
  try {
    const [first, ...more] = parseCertificates(certificate)
    if (first === undefined) throw unreadable(what, 'it is empty')
    return [first, [...more, ...(chain === undefined || chain.trim() === '' ? [] : parseCertificates(chain))]]
  } catch (error) {
    if (error instanceof PkiError) throw unreadable(what, error.message, error)
    throw error
  }
}

/** The certificate exists all the same, so it is asked for again and never issued anew. */
function unreadable(what: string, reason: string, cause?: PkiError): SigningError {
  return new SigningError('retry', 'answer-unreadable', `AWS's answer holds no readable PEM for ${what}: ${reason}`, {
    cause,
  })
}
