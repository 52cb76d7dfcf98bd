import type { ACMPCAClient } from '@aws-sdk/client-acm-pca'
import type { PemAnswer } from './answer.ts'
import { type AuthorityArn, isCertificateOf, templateArn } from './arn.ts'
import { type Failure, isSignatureFailure, isStale, readFailure } from './failure.ts'
import type { Session, Sessions } from './session-cache.ts'
import { idempotencyToken, type Order } from './token.ts'
import type { Transport } from './transport.ts'

/** What DescribeCertificateAuthority says; what is absent there is empty here. */
export interface Description {
  readonly status: string
  readonly failureReason: string
  readonly keyAlgorithm: string
  readonly signingAlgorithm: string
  readonly shortLived: boolean
  /** Changes with the CA's certificate. */
  readonly version: string
}

/** A call failed; `failure` says how. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.kind)
    this.failure = failure
  }
}

export interface ClientOptions {
  readonly arn: AuthorityArn
  readonly region: string
  readonly endpoint: string | undefined
  readonly sessions: Sessions
  readonly transport: Transport
}

type Sdk = typeof import('@aws-sdk/client-acm-pca')

/** The four calls of AWS Private CA that are made; each is one request, and one more where the credentials had ended. */
export class PcaClient {
  readonly #options: ClientOptions
  #made: { readonly session: Session; readonly client: ACMPCAClient } | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** @throws CallError, SigningError from the credentials, as all here */
  async describe(signal: AbortSignal): Promise<Description> {
    const CertificateAuthorityArn = this.#options.arn.text
    const { CertificateAuthority: found = {} } = await this.#call(
      signal,
      (client, { DescribeCertificateAuthorityCommand }) =>
        client.send(new DescribeCertificateAuthorityCommand({ CertificateAuthorityArn }), { abortSignal: signal }),
    )
    const {
      Status,
      FailureReason,
      CertificateAuthorityConfiguration: made,
      UsageMode,
      Serial,
      NotBefore,
      NotAfter,
    } = found
    return {
      status: Status ?? '',
      failureReason: FailureReason ?? '',
      keyAlgorithm: made?.KeyAlgorithm ?? '',
      signingAlgorithm: made?.SigningAlgorithm ?? '',
      shortLived: UsageMode === 'SHORT_LIVED_CERTIFICATE',
      version: JSON.stringify([Serial, NotBefore, NotAfter]),
    }
  }

  async authorityCertificate(signal: AbortSignal): Promise<PemAnswer> {
    const CertificateAuthorityArn = this.#options.arn.text
    const answer = await this.#call(signal, (client, { GetCertificateAuthorityCertificateCommand }) =>
      client.send(new GetCertificateAuthorityCertificateCommand({ CertificateAuthorityArn }), { abortSignal: signal }),
    )
    return pemAnswer(answer)
  }

  /** @returns the ARN of the certificate, which need not be there yet */
  async issue(order: Order, signal: AbortSignal): Promise<string> {
    const { arn } = this.#options
    const { request, template, passthrough, signingAlgorithm } = order
    const { CertificateArn = '' } = await this.#call(signal, (client, { IssueCertificateCommand }) =>
      client.send(
        new IssueCertificateCommand({
          CertificateAuthorityArn: arn.text,
          Csr: Buffer.from(request.csr.pem),
          SigningAlgorithm: signingAlgorithm,
          TemplateArn: templateArn(arn, template),
          Validity: instant(request.notAfter),
          ValidityNotBefore: instant(request.notBefore),
          IdempotencyToken: idempotencyToken(order),
          ...(passthrough === undefined ? {} : { ApiPassthrough: passthrough }),
        }),
        { abortSignal: signal },
      ),
    )
    if (isCertificateOf(arn.text, CertificateArn)) return CertificateArn
    throw new CallError({ kind: 'unreadable', status: 200 })
  }

  /** @returns undefined while it is being made */
  async certificate(certificateArn: string, signal: AbortSignal): Promise<PemAnswer | undefined> {
    try {
      const input = { CertificateAuthorityArn: this.#options.arn.text, CertificateArn: certificateArn }
      const answer = await this.#call(signal, (client, { GetCertificateCommand }) =>
        client.send(new GetCertificateCommand(input), { abortSignal: signal }),
      )
      return pemAnswer(answer)
    } catch (error) {
      const { failure } = error instanceof CallError ? error : {}
      if (failure?.kind === 'refused' && failure.name === 'RequestInProgress') return undefined
      throw error
    }
  }

  async close(): Promise<void> {
    this.#options.sessions.close()
    await this.#options.transport.close()
  }

  async #call<T>(signal: AbortSignal, send: (client: ACMPCAClient, sdk: Sdk) => Promise<T>): Promise<T> {
    const { sessions } = this.#options
    const session = await sessions.current(signal)
    try {
      return await this.#once(session, send)
    } catch (error) {
      signal.throwIfAborted()
      const failure = readFailure(error)
      const anew = isStale(failure) && sessions.drop(session)
      // After an answer the SDK knows the clock of the service.
      if (!anew && !isSignatureFailure(failure)) throw new CallError(failure)
    }
    const next = await sessions.current(signal)
    try {
      return await this.#once(next, send)
    } catch (error) {
      signal.throwIfAborted()
      throw new CallError(readFailure(error))
    }
  }

  async #once<T>(session: Session, send: (client: ACMPCAClient, sdk: Sdk) => Promise<T>): Promise<T> {
    // Half of the memory of an idle controller, so it waits for the first issuer that needs it.
    const sdk = await import('@aws-sdk/client-acm-pca')
    return send(this.#clientFor(session, sdk), sdk)
  }

  #clientFor(session: Session, { ACMPCAClient }: Sdk): ACMPCAClient {
    if (this.#made?.session === session) return this.#made.client
    const { region, endpoint, transport } = this.#options
    const { accessKeyId, secretAccessKey, sessionToken } = session
    const client = new ACMPCAClient({
      region,
      maxAttempts: 1,
      requestHandler: transport,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
      systemClockOffset: this.#made?.client.config.systemClockOffset ?? 0,
      ...(endpoint === undefined ? {} : { endpoint }),
    })
    this.#made = { session, client }
    return client
  }
}

function pemAnswer({ Certificate, CertificateChain }: { Certificate?: string; CertificateChain?: string }): PemAnswer {
  return { certificate: Certificate ?? '', chain: CertificateChain }
}

/** An instant to the second: spans would be counted from a beginning of AWS's choice. */
function instant(ms: number): { Type: 'ABSOLUTE'; Value: number } {
  return { Type: 'ABSOLUTE', Value: Math.floor(ms / 1000) }
}
