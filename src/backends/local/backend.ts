import { createHash, type KeyObject, sign as signBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { parseCertificate } from '../../pki/certificate.ts'
import { PkiError } from '../../pki/error.ts'
import { subjectKeyIdentifier } from '../../pki/public-key.ts'
import {
  assembleCertificate,
  type CertificateContent,
  encodeTbsCertificate,
  type SignatureScheme,
} from '../../pki/tbs.ts'
import { type Authority, type Backend, SigningError, type SigningRequest, type SigningResult } from '../backend.ts'
import { type LocalAuthority, readAuthority } from './authority.ts'
import type { LocalConfig } from './config.ts'

const signAsync = promisify(
  (hash: string | null, data: Uint8Array, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
    signBytes(hash, data, key, done),
)

/**
 * Signs with a CA key from a Secret. A repeat gives equal content, since every byte of it but the signature is a function
 * of the request.
 * @throws SigningError where the Secret cannot work
 */
export function openLocal(config: LocalConfig): Backend {
  const local = readAuthority(config)
  return {
    check: async (signal) => {
      signal.throwIfAborted()
      return local.authority
    },
    sign: async (request, signal) => {
      signal.throwIfAborted()
      return issue(request, local)
    },
  }
}

async function issue(request: SigningRequest, { authority, key, scheme }: LocalAuthority): Promise<SigningResult> {
  refuseBeyondAuthority(request, authority)
  const tbs = encodeContent(request, authority, scheme)
  const signature = await signAsync(scheme.hash, tbs, key)
  const certificate = parseCertificate(assembleCertificate(tbs, scheme, signature))
  return { state: 'issued', chain: [certificate, ...authority.chain], roots: [authority.root] }
}

function encodeContent(request: SigningRequest, authority: Authority, scheme: SignatureScheme): Uint8Array {
  try {
    const content = contentOf(request, authority)
    const serialNumber = serialFor(request, encodeTbsCertificate(content, scheme))
    return encodeTbsCertificate({ ...content, serialNumber }, scheme)
  } catch (error) {
    if (error instanceof PkiError) throw new SigningError('recheck-issuer', error.code, error.message, { cause: error })
    throw error
  }
}

function refuseBeyondAuthority(request: SigningRequest, { certificate }: Authority): void {
  if (request.notAfter > certificate.notAfter) {
    throw new SigningError(
      'recheck-issuer',
      'authority-ends-first',
      'the CA certificate ends before the requested certificate would; renew the CA',
    )
  }
  const limit = certificate.basicConstraints?.pathLength
  if (request.isCA && limit !== undefined && (request.pathLength ?? 0) >= limit) {
    throw new SigningError(
      'recheck-issuer',
      'path-length-spent',
      `the CA's path length of ${limit} leaves no room for a CA of path length ${request.pathLength ?? 0} below it`,
    )
  }
}

function contentOf(request: SigningRequest, { certificate }: Authority): CertificateContent {
  const { csr } = request
  return {
    serialNumber: Uint8Array.of(1),
    issuer: certificate.subject,
    subject: csr.subject,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey: csr.publicKey,
    isCA: request.isCA,
    ...(request.pathLength === undefined ? {} : { pathLength: request.pathLength }),
    keyUsage: request.keyUsage,
    extKeyUsage: request.extKeyUsage,
    ...(csr.subjectAltName === undefined ? {} : { subjectAltName: csr.subjectAltName }),
    ...(request.nameConstraints === undefined ? {} : { nameConstraints: request.nameConstraints }),
    authorityKeyIdentifier: certificate.subjectKeyIdentifier ?? subjectKeyIdentifier(certificate.publicKey),
  }
}

/** 16 bytes of SHA-256 over the request's UID and the content; positive and of fixed length (RFC 5280 4.1.2.2). */
function serialFor(request: SigningRequest, tbs: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(request.uid).update('\0').update(tbs).digest().subarray(0, 16)
  digest[0] = ((digest[0] ?? 0) & 0x7f) | 0x40
  return digest
}
