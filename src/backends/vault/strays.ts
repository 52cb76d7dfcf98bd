import type { Certificate } from '../../pki/certificate.ts'
import type { Discarding } from '../backend.ts'
import type { BackendServices } from '../services.ts'
import { type Minted, mintedOf } from './answer.ts'
import type { VaultConfig } from './config.ts'
import { withDeadline } from './deadline.ts'
import type { Session } from './session.ts'

export interface StraysOptions {
  readonly config: VaultConfig
  readonly session: Session
  readonly report: BackendServices['report']
}

/** How long taking one back may hold up the answer to its request. */
const REVOKE_MS = 5000

/** Certificates that were signed, or may have been, and that nobody is given: they are told of, and revoked where the login may. */
export class Strays implements Discarding {
  readonly #options: StraysOptions

  constructor(options: StraysOptions) {
    this.#options = options
  }

  async discard(certificate: Certificate): Promise<void> {
    await this.take(mintedOf(certificate))
  }

  /** What an answer named, though it was no certificate to use. Never throws. */
  async take(minted: Minted): Promise<void> {
    if (minted.serial === undefined) return this.lost('an answer that could not be read')
    const revoked = await this.#revoke(minted)
    const { mount } = this.#options.config
    const fate = revoked ? 'was revoked' : 'could not be revoked by this login'
    this.#tell(`the certificate ${minted.serial} of ${mount} was signed and is given to nobody; it ${fate}`)
  }

  /** The answer was lost. */
  lost(how: string): void {
    this.#tell(`a certificate of ${this.#options.config.mount} may have been signed that nobody has, after ${how}`)
  }

  /** By serial number, which every server takes; by the certificate itself where a role does not store what it signs. */
  async #revoke({ serial, pem }: Minted): Promise<boolean> {
    const bodies = [{ serial_number: serial }, ...(pem === undefined ? [] : [{ certificate: pem }])]
    for (const body of bodies) if (await this.#tryRevoke(body)) return true
    return false
  }

  async #tryRevoke(body: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { config, session } = this.#options
    try {
      const call = { method: 'POST', path: `${config.mount}/revoke`, body, takesBack: true } as const
      // Its own limit: the request that it belongs to may be over.
      await withDeadline(REVOKE_MS, new AbortController().signal, (signal) => session.attempt(call, signal))
      return true
    } catch {
      return false
    }
  }

  #tell(message: string): void {
    this.#options.report({ backend: 'Vault', what: 'stray', message })
  }
}
