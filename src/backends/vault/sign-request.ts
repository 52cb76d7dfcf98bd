import type { KeyKind } from '../../pki/public-key.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import type { VaultCall } from './client.ts'
import type { VaultConfig } from './config.ts'
import { constraintParameters } from './constraints.ts'
import type { JsonRecord } from './json.ts'
import type { Knowledge } from './knowledge.ts'
import { endsFirst, refuseBeyondAuthority, refuseBeyondLimits } from './limits.ts'
import { EXT_KEY_USAGE_NAMES, KEY_USAGE_NAMES } from './names.ts'
import { pathOf } from './words.ts'

export interface SignContext {
  readonly config: VaultConfig
  readonly known: Knowledge
  /** Epoch milliseconds at the server: `ttl` and `not_before_duration` count from there. */
  readonly serverNow: number
}

/** Bits of the hash for each kind of CA key; Ed25519 has its own. */
const SIGNATURE_BITS: Readonly<Partial<Record<KeyKind | 'unsupported', number>>> = {
  RSA: 256,
  'ECDSA-P256': 256,
  'ECDSA-P384': 384,
  'ECDSA-P521': 512,
}
/** Near the authority's end the life begins a little earlier, so that the way to the server cannot push it past that end. */
const NEAR_END_MS = 60_000
const NEAR_END_SHIFT_MS = 15_000
/** Near the CA's beginning the life begins a little later: Vault refuses what begins before it, and clocks differ by more than is seen. */
const NEAR_START_MS = 3000

/** What to send, and the `ttl` in it. */
export interface SignCall {
  readonly call: VaultCall
  readonly ttlMs: number
}

/**
 * The call that signs exactly what is asked.
 * @throws SigningError for what the server cannot honour, or would cut short without a word
 */
export function signCall(request: SigningRequest, context: SignContext): SignCall {
  refuseBeyondAuthority(request, context.config, context.known)
  refuseUnknownExtensions(request)
  return request.isCA ? intermediateCall(request, context) : endEntityCall(request, context)
}

/** Where CAs are signed. */
export function intermediatePath(config: VaultConfig): string {
  return `${pathOf(config)}/sign-intermediate`
}

/** Where end-entity certificates are signed: verbatim, since `sign` takes usages and most of the subject from the role. */
export function endEntityPath(config: VaultConfig, role: string): string {
  return `${pathOf(config)}/sign-verbatim/${role}`
}

function intermediateCall(request: SigningRequest, { config, known, serverNow }: SignContext): SignCall {
  const backMs = backdate(request, known, serverNow)
  const ttlMs = request.notAfter - request.notBefore - backMs
  refuseBeyondLimits(ttlMs, config, [known.mountMaxMs])
  const body: JsonRecord = {
    csr: request.csr.pem,
    format: 'pem',
    use_csr_values: true,
    ...(request.pathLength === undefined ? {} : { max_path_length: request.pathLength }),
    ttl: seconds(ttlMs),
    not_before_duration: seconds(backMs),
    ...usageParameters(request, known.parameters),
    ...constraintParameters(request, known.parameters),
    ...signatureParameters(known, known.parameters),
  }
  return { call: { method: 'POST', path: intermediatePath(config), body }, ttlMs }
}

function endEntityCall(request: SigningRequest, { config, known, serverNow }: SignContext): SignCall {
  if (config.role === undefined) {
    throw new SigningError(
      'recheck-issuer',
      'role-missing',
      'vault.role is not set, and end-entity certificates are signed with a role; set it, or ask for isCA: true',
    )
  }
  const { role } = known
  const ttlMs = request.notAfter - request.notBefore - role.backdateMs
  refuseBeyondLimits(ttlMs, config, [known.mountMaxMs, role.maxMs])
  if (serverNow + ttlMs > known.authorityEnd) throw endsFirst(config)
  const body: JsonRecord = {
    csr: request.csr.pem,
    format: 'pem',
    ttl: seconds(ttlMs),
    key_usage: request.keyUsage.map((usage) => KEY_USAGE_NAMES[usage]),
    ext_key_usage_oids: request.extKeyUsage,
    ...signatureParameters(known, undefined),
  }
  return { call: { method: 'POST', path: endEntityPath(config, config.role), body }, ttlMs }
}

/** How far before the server's present the life begins, in whole seconds: at least one, since zero means the default. */
function backdate(
  { notBefore, notAfter }: SigningRequest,
  { authority, authorityEnd }: Knowledge,
  serverNow: number,
): number {
  const earlier = authorityEnd - notAfter < NEAR_END_MS ? NEAR_END_SHIFT_MS : 0
  const later = notBefore - authority.certificate.notBefore < NEAR_START_MS ? NEAR_START_MS : 0
  const wanted = Math.round((serverNow - notBefore + earlier - later) / 1000) * 1000
  return Math.max(1000, Math.min(wanted, notAfter - notBefore - 1000))
}

/** Usages that the CSR states are copied from it; a server that cannot add others would drop them. */
function usageParameters({ csr, keyUsage, extKeyUsage }: SigningRequest, known: ReadonlySet<string>): JsonRecord {
  const adds = csr.keyUsage === undefined && known.has('key_usage')
  const named = adds ? { key_usage: keyUsage.map((usage) => KEY_USAGE_NAMES[usage]) } : {}
  if (csr.extKeyUsage !== undefined || extKeyUsage.length === 0) return named
  const names = extKeyUsage.map((oid) => EXT_KEY_USAGE_NAMES.get(oid))
  if (known.has('ext_key_usage') && names.every((name) => name !== undefined)) return { ...named, ext_key_usage: names }
  throw new SigningError(
    'give-up',
    'usages-unsupported',
    'this Vault server cannot add the extended key usages to a CA certificate; state them in the CSR (encodeUsagesInRequest: true on the Certificate)',
  )
}

function signatureParameters({ authority }: Knowledge, known: ReadonlySet<string> | undefined): JsonRecord {
  const bits = SIGNATURE_BITS[authority.certificate.publicKey.kind]
  const takes = (name: string): boolean => known === undefined || known.has(name)
  return {
    ...(bits !== undefined && takes('signature_bits') ? { signature_bits: bits } : {}),
    ...(takes('use_pss') ? { use_pss: false } : {}),
  }
}

/** Vault copies every extension of the CSR, so one that nobody here looks at would be signed unseen. */
function refuseUnknownExtensions({ csr }: SigningRequest): void {
  const [oid] = csr.otherExtensions
  if (oid === undefined) return
  throw new SigningError(
    'give-up',
    'extension-unsupported',
    `the CSR asks for the extension ${oid}, which Vault would copy unseen; make a CSR without it`,
  )
}

function seconds(ms: number): string {
  return `${ms / 1000}s`
}
