import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type Certificate, parseCertificates } from '../../../pki/certificate.ts'
import { constructedTag } from '../../../pki/der-reader.ts'
import { element, sequence, smallInteger } from '../../../pki/der-writer.ts'
import { encodePem } from '../../../pki/pem.ts'
import type { KeyKind } from '../../../pki/public-key.ts'
import { schemeFor, seal } from '../../signing.ts'
import { type AuthorityArn, parseAuthorityArn } from './arn.ts'
import { AwsError } from './aws-error.ts'
import type { AuthorityOptions, AuthorityStatus } from './options.ts'

/** KeyAlgorithm and SigningAlgorithm of the service model, by kind of key. */
const ALGORITHMS: Readonly<Partial<Record<KeyKind, readonly [key: string, signing: string]>>> = {
  'ECDSA-P256': ['EC_prime256v1', 'SHA256WITHECDSA'],
  'ECDSA-P384': ['EC_secp384r1', 'SHA384WITHECDSA'],
  'ECDSA-P521': ['EC_secp521r1', 'SHA512WITHECDSA'],
}

/** One private CA. */
export class Authority {
  readonly arn: string
  readonly place: AuthorityArn
  readonly options: AuthorityOptions
  readonly certificate: Certificate
  /** From its issuer to the root; none for a root. */
  readonly chain: readonly Certificate[]
  readonly privateKey: KeyObject
  #status: AuthorityStatus

  constructor(options: AuthorityOptions) {
    const [certificate] = parseCertificates(options.certificatePem)
    if (certificate === undefined) throw new Error('a CA needs a certificate')
    this.arn = options.arn
    this.place = parseAuthorityArn(options.arn)
    this.options = options
    this.certificate = certificate
    this.chain = options.chainPem === undefined ? [] : parseCertificates(options.chainPem)
    this.privateKey = createPrivateKey(options.privateKeyPem)
    this.#status = options.status ?? 'ACTIVE'
  }

  setStatus(status: AuthorityStatus): void {
    this.#status = status
  }

  status(now: number): AuthorityStatus {
    return this.#status === 'ACTIVE' && now > this.certificate.notAfter ? 'EXPIRED' : this.#status
  }

  /** @throws AwsError `InvalidStateException` in any other status */
  require(now: number, ...allowed: readonly AuthorityStatus[]): void {
    const status = this.status(now)
    if (!allowed.includes(status)) {
      throw new AwsError('InvalidStateException', `The certificate authority ${this.arn} is in state ${status}`)
    }
  }

  /** KeyAlgorithm and SigningAlgorithm as DescribeCertificateAuthority tells them. */
  get algorithms(): readonly [key: string, signing: string] {
    const { kind, bits } = this.certificate.publicKey
    const known = kind === 'unsupported' ? undefined : ALGORITHMS[kind]
    return known ?? [`RSA_${bits}`, 'SHA256WITHRSA']
  }

  /** The request with the CA's own subject and key, by which another CA can certify it. */
  csrPem(): string {
    const { subject, publicKey } = this.certificate
    const info = sequence(smallInteger(0), subject.der, publicKey.spki, element(constructedTag(0)))
    return encodePem('CERTIFICATE REQUEST', seal(info, schemeFor(publicKey), this.privateKey))
  }
}

/** All CAs of all accounts and regions. */
export class Authorities {
  readonly #byArn: Map<string, Authority>

  constructor(options: readonly AuthorityOptions[]) {
    this.#byArn = new Map(options.map((one) => [one.arn, new Authority(one)]))
  }

  get all(): readonly Authority[] {
    return [...this.#byArn.values()]
  }

  /** A CA is seen in its own region only. @throws AwsError `InvalidArnException`, `ResourceNotFoundException` */
  find(arn: string, region: string): Authority {
    const place = parseAuthorityArn(arn)
    const found = place.region === region ? this.#byArn.get(arn) : undefined
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', `Could not find certificate authority ${arn}`)
    }
    return found
  }

  /** For the test itself. @throws Error where there is none of that ARN */
  get(arn: string): Authority {
    const found = this.#byArn.get(arn)
    if (found === undefined) throw new Error(`the fake has no CA ${arn}`)
    return found
  }
}
