import { type Authority, SigningError } from '../backend.ts'
import { readAuthority } from './answer.ts'
import type { AuthorityArn } from './arn.ts'
import { CallError, type Description, type PcaClient } from './client.ts'
import type { AwsSigningAlgorithm } from './config.ts'
import { type CallContext, pcaError } from './errors.ts'
import { SHORT_LIVED_MS } from './limits.ts'
import { signingAlgorithmFor } from './signing-algorithm.ts'

/** The CA as it was last seen. */
export interface Known {
  readonly authority: Authority
  readonly signingAlgorithm: AwsSigningAlgorithm
  /** Changes with the CA's certificate. */
  readonly version: string
}

export interface AuthorityDeps {
  readonly client: PcaClient
  readonly arn: AuthorityArn
  readonly context: Omit<CallContext, 'action'>
  /** As the owner pins it. */
  readonly signingAlgorithm: AwsSigningAlgorithm | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What each status but ACTIVE means for whoever owns the CA. */
const STATUS: Readonly<Record<string, { readonly code: string; readonly remedy: string }>> = {
  CREATING: { code: 'authority-creating', remedy: 'is still being created; it is looked at again' },
  PENDING_CERTIFICATE: {
    code: 'authority-pending-certificate',
    remedy: 'has no certificate yet; sign its CSR and import the certificate with its chain',
  },
  DISABLED: { code: 'authority-disabled', remedy: 'is disabled; set its status to ACTIVE' },
  EXPIRED: { code: 'authority-expired', remedy: 'has expired; import a renewed certificate, or use another CA' },
  FAILED: { code: 'authority-failed', remedy: 'could not be created; make another CA' },
  DELETED: {
    code: 'authority-deleted',
    remedy: 'is deleted; restore it while its restoration period lasts, or use another CA',
  },
}

/** Looks at the CA, and remembers it; its certificate is read again only when it is another one. */
export class AuthorityReader {
  readonly #deps: AuthorityDeps
  #known: Known | undefined
  #looking: Promise<Known> | undefined

  constructor(deps: AuthorityDeps) {
    this.#deps = deps
  }

  /** @throws SigningError */
  async check(signal: AbortSignal): Promise<Known> {
    const description = await this.#describe(signal)
    refuseInactive(this.#deps.arn, description)
    const signingAlgorithm = signingAlgorithmFor(this.#deps.signingAlgorithm, description)
    const { shortLived, version } = description
    const read = this.#known?.version === version ? this.#known.authority : await this.#read(signal)
    refuseEnded(this.#deps.arn, read, this.#deps.now())
    const authority = shortLived ? { ...read, longestLifeMs: SHORT_LIVED_MS } : read
    this.#known = { authority, signingAlgorithm, version }
    return this.#known
  }

  /** As it was last seen; else it is looked at, once for all who ask. @throws SigningError */
  async known(signal: AbortSignal): Promise<Known> {
    if (this.#known !== undefined) return this.#known
    const shared = this.#looking
    if (shared === undefined) {
      this.#looking = this.check(signal).finally(() => {
        this.#looking = undefined
      })
      return this.#looking
    }
    try {
      return await shared
    } catch (error) {
      if (error instanceof SigningError) throw error
      // Whoever began has stopped, which says nothing about the CA.
      return this.check(signal)
    }
  }

  /** A signature showed that it has changed: nothing of it is taken as known. */
  forget(): void {
    this.#known = undefined
  }

  async #describe(signal: AbortSignal): Promise<Description> {
    return explained(() => this.#deps.client.describe(signal), this.#context('DescribeCertificateAuthority'))
  }

  async #read(signal: AbortSignal): Promise<Authority> {
    const answer = await explained(
      () => this.#deps.client.authorityCertificate(signal),
      this.#context('GetCertificateAuthorityCertificate'),
    )
    return readAuthority(answer)
  }

  #context(action: CallContext['action']): CallContext {
    return { ...this.#deps.context, action }
  }
}

/** Names the remedy of a call that fails. */
async function explained<T>(call: () => Promise<T>, context: CallContext): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof CallError ? pcaError(error.failure, context) : error
  }
}

function refuseInactive({ text }: AuthorityArn, { status, failureReason }: Description): void {
  if (status === 'ACTIVE') return
  const known = Object.hasOwn(STATUS, status) ? STATUS[status] : undefined
  if (known === undefined) throw refused('authority-not-active', `the CA ${text} is not ACTIVE; enable or replace it`)
  const reason = status === 'FAILED' && /^[A-Z_]{1,60}$/.test(failureReason) ? ` (${failureReason})` : ''
  throw refused(known.code, `the CA ${text} ${known.remedy}${reason}`)
}

function refuseEnded({ text }: AuthorityArn, { certificate }: Authority, now: number): void {
  if (now <= certificate.notAfter) return
  throw refused('authority-expired', `the CA ${text} has expired; import a renewed certificate, or use another CA`)
}

function refused(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message, { part: 'AuthorityReady' })
}
