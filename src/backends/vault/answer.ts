import { type Certificate, isSignedBy, parseCertificates } from '../../pki/certificate.ts'
import { PkiError } from '../../pki/error.ts'
import { samePublicKey } from '../../pki/public-key.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import type { VaultAnswer } from './client.ts'
import type { VaultConfig } from './config.ts'
import { readText } from './json.ts'
import type { Knowledge } from './knowledge.ts'
import { cutShort, endsFirst } from './limits.ts'
import { pathOf, serverOf } from './words.ts'

/** What came of a signature: a certificate to hand on, or one that must not be used. */
export type Reading =
  | { readonly ok: true; readonly certificate: Certificate }
  | {
      readonly ok: false
      readonly error: SigningError
      readonly minted: Minted
      /** What was not known of the server before. */
      readonly lesson?: Lesson
    }

/** The longest `ttl` of the secrets engine or of the role, or how far back the role lets notBefore be. */
export type Lesson = { readonly mountMaxMs: number } | { readonly roleMaxMs: number } | { readonly backdateMs: number }

/** What names a certificate that exists at the server. */
export interface Minted {
  /** As Vault writes it: octets in hex with colons; undefined where the answer named none. */
  readonly serial: string | undefined
  readonly pem: string | undefined
}

export interface ReadContext {
  readonly request: SigningRequest
  /** What was asked for as `ttl`. */
  readonly ttlMs: number
  readonly config: VaultConfig
  readonly known: Knowledge
}

const SERIAL = /^[0-9a-f]{2}(?::[0-9a-f]{2}){0,19}$/
const IGNORED = /unrecognized parameters/
const SHORTENED = /is longer than permitted maxTTL/
const TRUNCATED = /truncated to the issuer's notAfter/
/** The server reads its clock for the end and then for the beginning, and a second may begin between the two. */
const TICK_MS = 1000

/** Reads what a signing path answered, as hostile input, and holds it against what the last check saw. */
export function readSigned(answer: VaultAnswer, context: ReadContext): Reading {
  const certificate = readAll(answer.data.certificate).at(0)
  if (certificate === undefined) {
    const serial = readText(answer.data.serial_number)
    const minted = { serial: serial !== undefined && SERIAL.test(serial) ? serial : undefined, pem: undefined }
    return { ok: false, error: unreadable(context.config), minted }
  }
  const error = problemOf(certificate, answer, context)
  const minted = mintedOf(certificate)
  if (error !== undefined) return { ok: false, error, minted }
  const life = lifeProblem(certificate, answer, context)
  return life === undefined ? { ok: true, certificate } : { ok: false, ...life, minted }
}

export function mintedOf({ serialNumber, pem }: Certificate): Minted {
  return { serial: serialNumber.match(/../g)?.join(':'), pem }
}

function problemOf(certificate: Certificate, answer: VaultAnswer, context: ReadContext): SigningError | undefined {
  const { request, config, known } = context
  const signer = known.authority.certificate
  const [issuer] = readAll(answer.data.issuing_ca)
  if (issuer?.fingerprint !== signer.fingerprint || !isSignedBy(certificate, signer)) return issuerChanged(config)
  if (!samePublicKey(certificate.publicKey, request.csr.publicKey))
    return refused('key-differs', `${serverOf(config)} answered with a certificate for another key`)
  if (answer.warnings.some((warning) => IGNORED.test(warning))) {
    const message = `${serverOf(config)} left out a part of what was asked for, since it does not know it; update the server`
    return refused('parameters-ignored', message)
  }
  return certificate.notAfter > known.authorityEnd ? endsFirst(config) : undefined
}

/** The life is `ttl` and how far back it begins. */
function lifeProblem(
  { notBefore, notAfter }: Certificate,
  { warnings }: VaultAnswer,
  { request, ttlMs, config }: ReadContext,
): { readonly error: SigningError; readonly lesson?: Lesson } | undefined {
  const [life, asked] = [notAfter - notBefore, request.notAfter - request.notBefore]
  if (life === asked) return undefined
  if (warnings.some((warning) => TRUNCATED.test(warning))) return { error: endsFirst(config) }
  const maxMs = life - (asked - ttlMs)
  if (warnings.some((warning) => SHORTENED.test(warning)))
    return { error: cutShort(maxMs, config), lesson: request.isCA ? { mountMaxMs: maxMs } : { roleMaxMs: maxMs } }
  if (asked - life === TICK_MS) return undefined
  const message = `${serverOf(config)} signed for ${life / 1000} s instead of ${asked / 1000} s; it is tried again`
  const error = new SigningError('retry', 'life-differs', message)
  return request.isCA || life <= ttlMs ? { error } : { error, lesson: { backdateMs: life - ttlMs } }
}

function readAll(pem: unknown): readonly Certificate[] {
  const text = readText(pem)
  try {
    return text === undefined ? [] : parseCertificates(text)
  } catch (error) {
    if (error instanceof PkiError) return []
    throw error
  }
}

function unreadable(config: VaultConfig): SigningError {
  return new SigningError(
    'retry',
    'answer-unreadable',
    `${serverOf(config)} answered without a certificate that can be read`,
  )
}

function issuerChanged(config: VaultConfig): SigningError {
  return new SigningError(
    'recheck-issuer',
    'issuer-changed',
    `${pathOf(config)} signed with another CA than the one that was checked; the issuer is checked again`,
    { part: 'AuthorityReady' },
  )
}

function refused(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message)
}
