import { createHash, type KeyObject, sign as signBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { parseCertificate } from '../../pki/certificate.ts'
import { subjectKeyIdentifier } from '../../pki/public-key.ts'
import {
  assembleCertificate,
  type CertificateContent,
  encodeTbsCertificate,
  type SignatureScheme,
  signatureSchemeFor,
} from '../../pki/tbs.ts'
import { type Authority, type Backend, SigningError, type SigningRequest, type SigningResult } from '../backend.ts'
import { readAuthority } from './authority.ts'
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
  const { authority, key } = readAuthority(config)
  const scheme = signatureSchemeFor(authority.certificate.publicKey)
  return {
    check: async () => authority,
    sign: async (request) => issue(request, authority, { key, scheme }),
  }
}

interface Signer {
  readonly key: KeyObject
  readonly scheme: SignatureScheme
}

async function issue(request: SigningRequest, authority: Authority, signer: Signer): Promise<SigningResult> {
  refuseBeyondAuthority(request, authority)
  const content = contentOf(request, authority)
  const serialNumber = serialFor(request, encodeTbsCertificate(content, signer.scheme))
  const tbs = encodeTbsCertificate({ ...content, serialNumber }, signer.scheme)
  const signature = await signAsync(signer.scheme.hash, tbs, signer.key)
  const certificate = parseCertificate(assembleCertificate(tbs, signer.scheme, signature))
  return { state: 'issued', chain: [certificate, ...authority.chain], roots: [authority.root] }
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
