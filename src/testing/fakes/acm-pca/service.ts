import { requireAccess } from './access.ts'
import { checkArn } from './arn.ts'
import type { Authorities, Authority } from './authority.ts'
import { AwsError } from './aws-error.ts'
import type { Principal } from './credentials.ts'
import { describeAuthority, joinPem } from './describe.ts'
import { IdempotencyTokens } from './idempotency.ts'
import { Input, type JsonObject } from './input.ts'
import { checkOrder, type Order, SIGNING_ALGORITHMS, signCertificate } from './issue.ts'
import { IssuedCertificates } from './issued.ts'
import { type Journal, type JournalEntry, sha256 } from './journal.ts'
import { KnownCsrs } from './known-csrs.ts'
import { readPassthrough } from './passthrough.ts'
import { findTemplate, type Template } from './templates.ts'
import { readPeriod } from './validity.ts'

/** One call of the service by somebody who has proved who they are. */
export interface ServiceCall {
  readonly operation: string
  /** The JSON of the request. */
  readonly input: unknown
  readonly principal: Principal
  /** That of the endpoint. */
  readonly region: string
  readonly now: number
}

export interface ServiceAnswer {
  readonly output: JsonObject
  readonly note?: Pick<JournalEntry, 'certificateArn' | 'repeat' | 'tokenCollision'>
}

/** What can be changed while the service runs. */
export interface ServiceSettings {
  issueDelayMs: number
  tokenCollision: 'first' | 'mint'
  finalNewline: boolean
}

export interface ServiceParts {
  readonly authorities: Authorities
  readonly journal: Journal
  readonly random: (octets: number) => Uint8Array
  readonly settings: ServiceSettings
}

type TokenOrder = Order & { readonly token: string | undefined }

/** The type CsrBlob of the service model. */
const MOST_CSR = 32_768
const TOKEN = { least: 1, most: 36, pattern: /^[\t\n\r\u0020-\u00ff]*$/ } as const
const REASONS: readonly string[] = [
  'UNSPECIFIED',
  'KEY_COMPROMISE',
  'CERTIFICATE_AUTHORITY_COMPROMISE',
  'AFFILIATION_CHANGED',
  'SUPERSEDED',
  'CESSATION_OF_OPERATION',
  'PRIVILEGE_WITHDRAWN',
  'A_A_COMPROMISE',
]
const DEFAULT_CERTIFICATE_QUOTA = 1_000_000

/** AWS Private CA: a function of the call and the time, and of what was issued before. */
export class PrivateCaService {
  readonly #parts: ServiceParts
  readonly #csrs = new KnownCsrs()
  readonly #tokens = new IdempotencyTokens()
  readonly #issued = new IssuedCertificates()

  constructor(parts: ServiceParts) {
    this.#parts = parts
  }

  /** @throws AwsError as the operation's page of the API reference lists them */
  call(call: ServiceCall): ServiceAnswer {
    const input = new Input(call.input)
    switch (call.operation) {
      case 'IssueCertificate':
        return this.#issue(call, input)
      case 'GetCertificate':
        return this.#get(call, input)
      case 'DescribeCertificateAuthority':
        return { output: { CertificateAuthority: describeAuthority(this.#authority(call, input), call.now) } }
      case 'GetCertificateAuthorityCertificate':
        return this.#authorityCertificate(call, input)
      case 'GetCertificateAuthorityCsr':
        return { output: { Csr: this.#inState(call, input).csrPem() } }
      case 'RevokeCertificate':
        return this.#revoke(call, input)
      default:
        throw new AwsError('UnknownOperationException', '')
    }
  }

  #authority({ operation, principal, region }: ServiceCall, input: Input, template?: Template): Authority {
    const arn = input.requiredText('CertificateAuthorityArn')
    checkArn('certificateAuthorityArn', arn)
    const authority = this.#parts.authorities.find(arn, region)
    const wanted = template === undefined ? {} : { template: template.name }
    requireAccess(principal, authority, { action: operation, resource: arn, ...wanted })
    return authority
  }

  /** A CA that has its certificate; one that is disabled or has ended still answers questions. */
  #inState(call: ServiceCall, input: Input): Authority {
    const authority = this.#authority(call, input)
    authority.require(call.now, 'ACTIVE', 'DISABLED', 'EXPIRED')
    return authority
  }

  #issue(call: ServiceCall, input: Input): ServiceAnswer {
    const csrText = input.requiredBlob('Csr', MOST_CSR)
    const template = readTemplate(input)
    const signingAlgorithm = input.requiredText('SigningAlgorithm', { oneOf: SIGNING_ALGORITHMS })
    const token = input.text('IdempotencyToken', TOKEN)
    const authority = this.#authority(call, input, template)
    authority.require(call.now, 'ACTIVE', ...(template.root ? (['PENDING_CERTIFICATE'] as const) : []))
    const csr = this.#csrs.read(csrText)
    const repeat =
      token === undefined ? undefined : this.#tokens.repeated(authority.arn, token, { csr: csr.digest, now: call.now })
    const again = repeat && { repeat: true as const, ...(repeat.collision && { tokenCollision: true as const }) }
    if (repeat !== undefined && !(repeat.collision && this.#parts.settings.tokenCollision === 'mint')) {
      return issuedAs(repeat.certificateArn, again)
    }
    const period = readPeriod(input, call.now)
    const passthrough = readPassthrough(input.structure('ApiPassthrough'), csr.subject)
    return issuedAs(this.#sign(call, authority, { template, csr, signingAlgorithm, period, passthrough, token }), again)
  }

  #sign({ principal, now }: ServiceCall, authority: Authority, order: TokenOrder): string {
    const { arn, options } = authority
    const { csr, template, token } = order
    checkOrder(authority, order, now)
    this.#issued.checkQuota(arn, options.certificateQuota ?? DEFAULT_CERTIFICATE_QUOTA)
    const signed = signCertificate(authority, order, this.#parts.random(16))
    const issued = { authority: arn, ...signed, at: now }
    const certificateArn = this.#issued.add(issued)
    if (token !== undefined) this.#tokens.remember(arn, token, { certificateArn, csr: csr.digest, at: now })
    this.#parts.journal.noteMinted({
      ...issued,
      certificateArn,
      principal: principal.arn,
      template: template.name,
      ...(token !== undefined && { token }),
      csr: csr.digest,
      publicKey: sha256(csr.publicKey.spki),
    })
    return certificateArn
  }

  #get(call: ServiceCall, input: Input): ServiceAnswer {
    const certificateArn = input.requiredText('CertificateArn')
    checkArn('certificateArn', certificateArn)
    const authority = this.#inState(call, input)
    const { certificatePem, at } = this.#issued.find(certificateArn, authority.arn)
    if (call.now < at + this.#parts.settings.issueDelayMs) {
      throw new AwsError('RequestInProgressException', 'The request to issue the certificate is still in progress')
    }
    const chain = [authority.certificate, ...authority.chain].map(({ pem }) => pem)
    return { output: { Certificate: this.#pem(certificatePem), CertificateChain: this.#pem(...chain) } }
  }

  #authorityCertificate(call: ServiceCall, input: Input): ServiceAnswer {
    const { certificate, chain } = this.#inState(call, input)
    const above = chain.length === 0 ? {} : { CertificateChain: this.#pem(...chain.map(({ pem }) => pem)) }
    return { output: { Certificate: this.#pem(certificate.pem), ...above } }
  }

  #revoke(call: ServiceCall, input: Input): ServiceAnswer {
    const serialNumber = input.requiredText('CertificateSerial', { least: 1, most: 128 })
    input.requiredText('RevocationReason', { oneOf: REASONS })
    const authority = this.#inState(call, input)
    const plain = serialNumber.replaceAll(':', '').toLowerCase()
    if (plain === authority.certificate.serialNumber) {
      throw new AwsError('InvalidRequestException', 'A self-signed certificate cannot be revoked')
    }
    return { output: {}, note: { certificateArn: this.#issued.revoke(authority.arn, plain) } }
  }

  #pem(...blocks: readonly string[]): string {
    return joinPem(blocks, this.#parts.settings.finalNewline)
  }
}

/** Templates have the partition of the CA. */
function readTemplate(input: Input): Template {
  const arn = input.text('TemplateArn')
  if (arn !== undefined) checkArn('templateArn', arn)
  return findTemplate(arn, input.requiredText('CertificateAuthorityArn').split(':')[1] ?? '')
}

function issuedAs(certificateArn: string, again: ServiceAnswer['note']): ServiceAnswer {
  return { output: { CertificateArn: certificateArn }, note: { certificateArn, ...again } }
}
