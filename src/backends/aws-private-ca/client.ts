import {
  ACMPCAClient,
  DescribeCertificateAuthorityCommand,
  GetCertificateAuthorityCertificateCommand,
  GetCertificateCommand,
  IssueCertificateCommand,
} from '@aws-sdk/client-acm-pca'
import type { PemAnswer } from './answer.ts'
import { type AuthorityArn, isCertificateOf, templateArn } from './arn.ts'
import { type Failure, isSignatureFailure, isStale, readFailure } from './failure.ts'
import type { Session, Sessions } from './session-cache.ts'
import { Sha256 } from './sha256.ts'
import { identityOf } from './sts.ts'
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
    super(`a call to AWS Private CA failed: ${failure.kind}`)
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

/**
 * The four calls of AWS Private CA that are made; each is one request, and one more where the credentials had ended.
 * All of them throw CallError, what the sessions throw, and the signal's reason.
 */
export class PcaClient {
  readonly #options: ClientOptions
  #made: { readonly session: Session; readonly client: ACMPCAClient } | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  async describe(signal: AbortSignal): Promise<Description> {
    const command = new DescribeCertificateAuthorityCommand({ CertificateAuthorityArn: this.#options.arn.text })
    const { CertificateAuthority: found = {} } = await this.#call(signal, (client) =>
      client.send(command, { abortSignal: signal }),
    )
    const { CertificateAuthorityConfiguration: made } = found
    return {
      status: found.Status ?? '',
      failureReason: found.FailureReason ?? '',
      keyAlgorithm: made?.KeyAlgorithm ?? '',
      signingAlgorithm: made?.SigningAlgorithm ?? '',
      shortLived: found.UsageMode === 'SHORT_LIVED_CERTIFICATE',
      version: JSON.stringify([found.Serial, found.NotBefore, found.NotAfter]),
    }
  }

  async authorityCertificate(signal: AbortSignal): Promise<PemAnswer> {
    const command = new GetCertificateAuthorityCertificateCommand({ CertificateAuthorityArn: this.#options.arn.text })
    return pemAnswer(await this.#call(signal, (client) => client.send(command, { abortSignal: signal })))
  }

  /** @returns the ARN of the certificate, which need not be there yet */
  async issue(order: Order, signal: AbortSignal): Promise<string> {
    const { arn } = this.#options
    const { request, template, passthrough, signingAlgorithm } = order
    const command = new IssueCertificateCommand({
      CertificateAuthorityArn: arn.text,
      Csr: Buffer.from(request.csr.pem),
      SigningAlgorithm: signingAlgorithm,
      TemplateArn: templateArn(arn, template),
      Validity: instant(request.notAfter),
      ValidityNotBefore: instant(request.notBefore),
      IdempotencyToken: idempotencyToken(order),
      ...(passthrough === undefined ? {} : { ApiPassthrough: passthrough }),
    })
    const { CertificateArn = '' } = await this.#call(signal, (client) => client.send(command, { abortSignal: signal }))
    if (isCertificateOf(arn.text, CertificateArn)) return CertificateArn
    throw new CallError({ kind: 'unreadable', status: 200 })
  }

  /** @returns undefined while it is being made */
  async certificate(certificateArn: string, signal: AbortSignal): Promise<PemAnswer | undefined> {
    const input = { CertificateAuthorityArn: this.#options.arn.text, CertificateArn: certificateArn }
    const command = new GetCertificateCommand(input)
    try {
      return pemAnswer(await this.#call(signal, (client) => client.send(command, { abortSignal: signal })))
    } catch (error) {
      if (error instanceof CallError && isInProgress(error.failure)) return undefined
      throw error
    }
  }

  async close(): Promise<void> {
    this.#options.sessions.close()
    await this.#options.transport.close()
  }

  async #call<T>(signal: AbortSignal, send: (client: ACMPCAClient) => Promise<T>): Promise<T> {
    const { sessions } = this.#options
    const session = await sessions.current(signal)
    try {
      return await send(this.#clientFor(session))
    } catch (error) {
      signal.throwIfAborted()
      const failure = readFailure(error)
      const anew = isStale(failure) && sessions.drop(session)
      // After an answer the SDK knows the clock of the service.
      if (!anew && !isSignatureFailure(failure)) throw new CallError(failure)
    }
    const next = await sessions.current(signal)
    try {
      return await send(this.#clientFor(next))
    } catch (error) {
      signal.throwIfAborted()
      throw new CallError(readFailure(error))
    }
  }

  #clientFor(session: Session): ACMPCAClient {
    if (this.#made?.session === session) return this.#made.client
    const { region, endpoint, transport } = this.#options
    const client = new ACMPCAClient({
      region,
      // Nothing is repeated here, and the SDK's own strategies take a stack trace of each call, in case it fails.
      retryStrategy: { retry: (next, args) => next(args) },
      requestHandler: transport,
      sha256: Sha256,
      credentials: identityOf(session),
      systemClockOffset: this.#made?.client.config.systemClockOffset ?? 0,
      ...(endpoint === undefined ? {} : { endpoint }),
    })
    client.config.endpointProvider = once(client.config.endpointProvider)
    for (const name of NEEDLESS) client.middlewareStack.remove(name)
    this.#made = { session, client }
    return client
  }
}

/** Parts of the SDK that each call would go through for nothing: the transport says who asks, no Lambda calls, nothing is logged. */
const NEEDLESS = ['getUserAgentMiddleware', 'recursionDetectionMiddleware', 'loggerMiddleware']

type EndpointProvider = ACMPCAClient['config']['endpointProvider']

/** What the SDK's rules say of a client's region and endpoint is the same for each call; following them costs as much as signing. */
function once(provider: EndpointProvider): EndpointProvider {
  let known: ReturnType<EndpointProvider> | undefined
  return (parameters, context) => {
    known ??= provider(parameters, context)
    return known
  }
}

function isInProgress(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.name === 'RequestInProgress'
}

function pemAnswer({ Certificate, CertificateChain }: { Certificate?: string; CertificateChain?: string }): PemAnswer {
  return { certificate: Certificate ?? '', chain: CertificateChain }
}

/** An instant to the second: spans would be counted from a beginning of AWS's choice. */
function instant(ms: number): { Type: 'ABSOLUTE'; Value: number } {
  return { Type: 'ABSOLUTE', Value: Math.floor(ms / 1000) }
}
