import { hash } from 'node:crypto'
import { AwsError } from './aws-error.ts'
import type { Credentials, Principal } from './credentials.ts'
import { hmac, type SigningKeys } from './signing-keys.ts'

/** What came over the wire, before anything is read from it. */
export interface WireRequest {
  readonly method: string
  /** As sent: path and query. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

export interface Caller {
  readonly principal: Principal
  /** Of the credential scope. */
  readonly region: string
}

export interface Verifier {
  readonly credentials: Credentials
  readonly signingKeys: SigningKeys
  readonly service: string
  /** The one that the endpoint stands for; any when undefined. */
  readonly region: string | undefined
  readonly now: number
}

interface Authorization {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/
const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
const MOST_SKEW_MS = 300_000

/**
 * AWS Signature Version 4 of a request with an Authorization header ("Create a signed AWS API request").
 * Throws AwsError `MissingAuthenticationTokenException`, `IncompleteSignatureException`, `UnrecognizedClientException`,
 * `ExpiredTokenException`, `InvalidSignatureException`.
 */
export function verifySignature(request: WireRequest, verifier: Verifier): Caller {
  const authorization = readAuthorization(request)
  const token = header(request, 'x-amz-security-token')
  const { secretAccessKey, principal } = verifier.credentials.find(authorization.accessKeyId, token, verifier.now)
  const timestamp = header(request, 'x-amz-date') ?? ''
  checkTime(timestamp, authorization.date, verifier.now)
  checkScope(authorization, verifier)
  const payload = hash('sha256', request.body)
  checkSignedHeaders(request, authorization.signedHeaders, payload)
  const scope = `${authorization.date}/${authorization.region}/${authorization.service}/aws4_request`
  const canonical = hash('sha256', canonicalRequest(request, authorization.signedHeaders, payload))
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${canonical}`
  const key = verifier.signingKeys.of(secretAccessKey, authorization)
  if (hmac(key, toSign).toString('hex') !== authorization.signature) {
    throw invalidSignature(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
  return { principal, region: authorization.region }
}

function readAuthorization(request: WireRequest): Authorization {
  const value = header(request, 'authorization')
  if (value === undefined) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const [match, accessKeyId = '', date = '', region = '', service = '', signed = '', signature = ''] =
    AUTHORIZATION.exec(value) ?? []
  if (match === undefined) {
    throw new AwsError(
      'IncompleteSignatureException',
      'Authorization header requires Credential, SignedHeaders and Signature',
    )
  }
  return { accessKeyId, date, region, service, signedHeaders: signed.split(';'), signature }
}

function checkTime(timestamp: string, date: string, now: number): void {
  const [match, year = 0, month = 0, ...rest] = TIMESTAMP.exec(timestamp)?.map(Number) ?? []
  if (match === undefined)
    throw new AwsError('IncompleteSignatureException', 'Authorization header requires existence of a X-Amz-Date header')
  if (!timestamp.startsWith(date)) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}'`,
    )
  }
  const at = Date.UTC(year, month - 1, ...rest)
  if (at < now - MOST_SKEW_MS) {
    throw invalidSignature(
      `Signature expired: ${timestamp} is now earlier than ${format(now - MOST_SKEW_MS)} (${format(now)} - 5 min.)`,
    )
  }
  if (at > now + MOST_SKEW_MS) {
    throw invalidSignature(
      `Signature not yet current: ${timestamp} is still later than ${format(now + MOST_SKEW_MS)} (${format(now)} + 5 min.)`,
    )
  }
}

function checkScope({ region, service }: Authorization, wanted: Verifier): void {
  if (wanted.region !== undefined && wanted.region !== region) {
    throw invalidSignature(`Credential should be scoped to a valid region, not '${region}'. `)
  }
  if (service !== wanted.service)
    throw invalidSignature(`Credential should be scoped to correct service: '${wanted.service}'. `)
}

/** Host and every x-amz header must be signed, or somebody on the way could change them. */
function checkSignedHeaders(request: WireRequest, signed: readonly string[], payload: string): void {
  const wanted = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))]
  const missing = wanted.filter((name) => !signed.includes(name))
  if (missing.length > 0) {
    throw invalidSignature(`'${missing.join(', ')}' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  const declared = header(request, 'x-amz-content-sha256')
  if (declared !== undefined && declared !== payload) {
    throw invalidSignature("The value of 'x-amz-content-sha256' does not match the payload.")
  }
}

/** @param payload SHA-256 of the body, hex */
function canonicalRequest(request: WireRequest, signedHeaders: readonly string[], payload: string): string {
  const [path = '/', query = ''] = request.target.split(/\?(.*)/s)
  const headers = signedHeaders.map(
    (name) => `${name}:${(header(request, name) ?? '').trim().replace(/ {2,}/g, ' ')}\n`,
  )
  return [
    request.method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    payload,
  ].join('\n')
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.sort().join('&')
}

/** UriEncode of the documentation: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(',')
}

function format(instant: number): string {
  return `${new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '')}`
}

function invalidSignature(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message)
}
