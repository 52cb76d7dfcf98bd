import { type Certificate, isSelfSigned, parseCertificates } from '../../pki/certificate.ts'
import { orderChain } from '../../pki/chain.ts'
import { PkiError } from '../../pki/error.ts'
import { type Authority, type Issued, SigningError } from '../backend.ts'

/** PEM as AWS gives it: a certificate, and what stands above it. */
export interface PemAnswer {
  readonly certificate: string
  readonly chain: string | undefined
}

/** Reads answers of GetCertificate. What stands above is the same for each certificate of a CA, so it is read once. */
export class IssuedReader {
  #above: Above | undefined

  /**
   * Roots are known by their signature on themselves, never by their place.
   * @throws SigningError `answer-unreadable`
   */
  read({ certificate, chain }: PemAnswer): Issued {
    const issued = readFirst(certificate, WHAT)
    const { certificates, roots } = this.#read(chain)
    return { state: 'issued', chain: [...issued, ...certificates], roots: [...issued.filter(isSelfSigned), ...roots] }
  }

  #read(text: string | undefined): Above {
    const known = this.#above
    if (known !== undefined && known.text === text) return known
    const certificates = readAbove(text, WHAT)
    const above = { text, certificates, roots: certificates.filter(isSelfSigned) }
    this.#above = above
    return above
  }
}

interface Above {
  readonly text: string | undefined
  readonly certificates: readonly Certificate[]
  readonly roots: readonly Certificate[]
}

const WHAT = 'the certificate'

/**
 * Reads the answer of GetCertificateAuthorityCertificate; for a root there is no chain.
 * @throws SigningError `answer-unreadable`, `authority-chain-open`
 */
export function readAuthority(answer: PemAnswer): Authority {
  const what = "the CA's certificate"
  const [certificate, ...more] = readFirst(answer.certificate, what)
  const above = [...more, ...readAbove(answer.chain, what)]
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

/** A certificate at least. */
function readFirst(pem: string, what: string): readonly [Certificate, ...Certificate[]] {
  const [first, ...more] = readPem(pem, what)
  if (first === undefined) throw unreadable(what, 'it is empty')
  return [first, ...more]
}

function readAbove(pem: string | undefined, what: string): readonly Certificate[] {
  return pem === undefined || pem.trim() === '' ? [] : readPem(pem, what)
}

function readPem(pem: string, what: string): readonly Certificate[] {
  try {
    return parseCertificates(pem)
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
