import { createHash } from 'node:crypto'
import { parseCertificates } from '../../../pki/certificate.ts'
import { content, type FakeAnswer, oneError, Refusal } from './answer.ts'
import { type EngineOptions, type FakeIssuer, VERBATIM_PARAMETERS } from './engine-options.ts'
import { type Body, readCsr, secondsOf, textsOf } from './order.ts'
import { signOrdered, type Terms } from './sign.ts'
import { keyUsages, oidOf } from './usage-names.ts'

const SYSTEM_MAX = 768 * 3600
const DEFAULT_BACKDATE = 30
const NO_AIA = "This mount hasn't configured any authority information access (AIA) fields"
const LAST_CA =
  'Max path length of the signed certificate is zero. This certificate cannot be used to issue intermediate CA certificates.'

/** The paths of one PKI engine, below its mount. */
export class FakeEngine {
  readonly options: EngineOptions
  /** What it signed, in order: serial numbers in hex with colons. */
  readonly signed: string[] = []
  readonly revoked: string[] = []
  #count = 0

  constructor(options: EngineOptions) {
    this.options = options
  }

  handle(method: string, path: string, body: Body): FakeAnswer {
    const [, ref = '', rest = ''] = /^issuer\/([^/]+)\/?(.*)$/.exec(path) ?? []
    if (ref !== '') return this.#issuer(ref, `${method} ${rest}`, body)
    const [, role] = /^roles\/(.+)$/.exec(path) ?? []
    if (role !== undefined && method === 'GET') return this.#role(role)
    if (path === 'revoke' && method === 'POST') return this.#revoke(body)
    throw new Refusal(404, oneError('unsupported path'))
  }

  #issuer(ref: string, call: string, body: Body): FakeAnswer {
    const issuer = this.options.issuers[ref === 'default' ? this.options.defaultIssuer : ref]
    const missing = `unable to find PKI issuer for reference: ${ref}`
    if (issuer === undefined) throw new Refusal(500, call.startsWith('GET') ? missing : oneError(missing))
    const { signer, above, usage = 'read-only,issuing-certificates,crl-signing' } = issuer
    // The server lists the CA itself as well.
    const shown = { certificate: signer.certificatePem, ca_chain: [signer, ...above].map((one) => one.certificatePem) }
    if (call === 'GET json') return content({ data: shown })
    if (call === 'GET ') return content({ data: { ...shown, usage, revoked: issuer.revoked === true } })
    if (!usage.includes('issuing-certificates'))
      throw new Refusal(500, oneError('requested usage issuing-certificates for issuer'))
    if (call === 'POST sign-intermediate') return this.#signIntermediate(issuer, body)
    const [, role] = /^POST sign-verbatim\/(.+)$/.exec(call) ?? []
    if (role !== undefined) return this.#signVerbatim(issuer, role, body)
    throw new Refusal(404, oneError('unsupported path'))
  }

  #signIntermediate(issuer: FakeIssuer, body: Body): FakeAnswer {
    const known = Object.fromEntries(Object.entries(body).filter(([name]) => this.options.parameters.includes(name)))
    const limit = issuer.signer.certificate.basicConstraints?.pathLength
    const wanted = known.max_path_length ?? -1
    const pathLength = Number(wanted) >= 0 ? Number(wanted) : limit === undefined ? null : limit - 1
    const { ttl, warnings } = this.#ttl(known, this.#mountMax())
    const terms: Terms = {
      isCA: true,
      pathLength,
      keyUsage: [...new Set([...keyUsages(textsOf(known.key_usage)), 'keyCertSign', 'cRLSign'] as const)],
      // Its OIDs are taken and not heeded.
      extKeyUsage: textsOf(known.ext_key_usage).map(oidOf),
      permittedDnsDomains: textsOf(known.permitted_dns_domains),
      ...this.#life(ttl, secondsOf(known.not_before_duration, DEFAULT_BACKDATE)),
    }
    return this.#sign(issuer, { body, terms }, [
      ...warnings,
      NO_AIA,
      ...(pathLength === 0 ? [LAST_CA] : []),
      ...ignored(body, this.options.parameters),
    ])
  }

  #signVerbatim(issuer: FakeIssuer, name: string, body: Body): FakeAnswer {
    const role = this.options.roles[name]
    if (role === undefined) throw new Refusal(400, `unknown role: ${name}`)
    const { ttl, warnings } = this.#ttl(body, role.maxTtl ?? this.#mountMax())
    const life = this.#life(ttl, role.notBeforeDuration ?? DEFAULT_BACKDATE)
    if (life.notAfter > issuer.signer.certificate.notAfter)
      throw new Refusal(
        400,
        'cannot satisfy request, as TTL would result in notAfter that is beyond the expiration of the CA certificate',
      )
    const usages =
      body.key_usage === undefined ? ['DigitalSignature', 'KeyAgreement', 'KeyEncipherment'] : body.key_usage
    const terms: Terms = {
      isCA: false,
      pathLength: null,
      keyUsage: keyUsages(textsOf(usages)),
      extKeyUsage: textsOf(body.ext_key_usage_oids),
      permittedDnsDomains: [],
      ...life,
    }
    return this.#sign(issuer, { body, terms }, [...warnings, ...ignored(body, VERBATIM_PARAMETERS)])
  }

  #ttl({ ttl, not_after }: Body, most: number): { readonly ttl: number; readonly warnings: readonly string[] } {
    if (ttl !== undefined && not_after !== undefined)
      throw new Refusal(
        400,
        'Either ttl or not_after should be provided. Both should not be provided in the same request.',
      )
    const wanted = secondsOf(ttl, SYSTEM_MAX)
    if (wanted <= most) return { ttl: wanted, warnings: [] }
    return {
      ttl: most,
      warnings: [`TTL "${wanted}s" is longer than permitted maxTTL "${most}s", so maxTTL is being used`],
    }
  }

  #mountMax(): number {
    return this.options.maxTtl === 0 ? SYSTEM_MAX : this.options.maxTtl
  }

  /** Certificates count whole seconds. */
  #life(ttl: number, backdate: number): Pick<Terms, 'notBefore' | 'notAfter' | 'serialNumber'> {
    const now = Math.floor(this.options.now() / 1000) * 1000
    const digest = createHash('sha256')
      .update(`${this.options.mount} ${this.#count++}`)
      .digest()
      .subarray(0, 20)
    digest[0] = ((digest[0] ?? 0) & 0x3f) | 0x40
    return { notBefore: now - backdate * 1000, notAfter: now + ttl * 1000, serialNumber: digest }
  }

  #sign(
    { signer, above }: FakeIssuer,
    order: { readonly body: Body; readonly terms: Terms },
    warnings: readonly string[],
  ): FakeAnswer {
    const certificate = signOrdered(signer, readCsr(order.body), order.terms)
    const serial = Buffer.from(order.terms.serialNumber)
      .toString('hex')
      .replace(/..(?!$)/g, '$&:')
    this.signed.push(serial)
    const data = {
      certificate,
      issuing_ca: signer.certificatePem,
      ca_chain: [signer, ...above].map((one) => one.certificatePem),
      serial_number: serial,
      expiration: order.terms.notAfter / 1000,
    }
    return content({ data, warnings: warnings.length === 0 ? null : warnings })
  }

  #role(name: string): FakeAnswer {
    const role = this.options.roles[name]
    if (role === undefined) return { status: 404, body: { errors: [] } }
    return content({
      data: { max_ttl: role.maxTtl ?? 0, not_before_duration: role.notBeforeDuration ?? DEFAULT_BACKDATE },
    })
  }

  #revoke({ serial_number, certificate }: Body): FakeAnswer {
    const [first] = typeof certificate === 'string' ? parseCertificates(certificate) : []
    const serial = first?.serialNumber.replace(/..(?!$)/g, '$&:') ?? String(serial_number)
    if (!this.signed.includes(serial)) throw new Refusal(400, `certificate with serial ${serial} not found.`)
    this.revoked.push(serial)
    return content({ data: { state: 'revoked' } })
  }
}

function ignored(body: Body, known: readonly string[]): readonly string[] {
  const names = Object.keys(body).filter((name) => !known.includes(name))
  return names.length === 0 ? [] : [`Endpoint ignored these unrecognized parameters: [${names.sort().join(' ')}]`]
}
