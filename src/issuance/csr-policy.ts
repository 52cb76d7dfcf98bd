import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import { type CertificationRequest, parseCertificationRequest } from '../pki/csr.ts'
import { PkiError } from '../pki/error.ts'
import type { KeyUsage } from '../pki/key-usage.ts'
import type { KeyKind, PublicKey } from '../pki/public-key.ts'
import { usagesToExtensions } from '../pki/usages.ts'
import { alikeNames } from '../trust/alike.ts'
import { authorityLinks } from './authority.ts'
import type { Facts, RequestFacts } from './facts.ts'
import { fail } from './refusal.ts'

const RSA_BITS = { least: 2048, most: 8192 }

export interface Usages {
  readonly keyUsage: readonly KeyUsage[]
  readonly extKeyUsage: readonly string[]
}

/**
 * Reads the CSR as hostile input: strict encoding, its own signature, an allowed key. One that was read before is not read
 * again, where its text is the same to the letter.
 * @throws Refusal `fail`
 */
export function readCsr(
  { request, knownCsr }: Pick<Facts, 'request' | 'knownCsr'>,
  spec: IssuerSpec,
): CertificationRequest {
  const csr =
    knownCsr?.pem === request.csr ? knownCsr : guarded('InvalidCSR', () => parseCertificationRequest(request.csr))
  checkKey(csr.publicKey, spec.allowedKeys)
  const stated = csr.basicConstraints?.cA
  if (stated !== undefined && stated !== request.isCA) {
    throw fail('InvalidCSR', `the CSR says cA=${stated} and the request says isCA=${request.isCA}; they must agree`)
  }
  return csr
}

function checkKey(key: PublicKey, allowed: readonly KeyKind[]): void {
  const usable = key.kind !== 'RSA' || (key.bits >= RSA_BITS.least && key.bits <= RSA_BITS.most)
  if (key.kind !== 'unsupported' && usable && allowed.includes(key.kind)) return
  throw fail(
    'KeyNotAllowed',
    `the issuer does not sign ${key.description} keys; it signs ${allowed.join(', ')} (RSA from ${RSA_BITS.least} to ${RSA_BITS.most} bits)`,
  )
}

/**
 * Holds the request's kind of certificate against the issuer's profile.
 * @throws Refusal `fail`
 */
export function checkProfile(request: RequestFacts, spec: IssuerSpec): void {
  if (spec.profile === 'MeshCA' && !request.isCA) {
    throw fail(
      'ProfileMismatch',
      'this issuer signs mesh CAs only: set isCA: true, or use an issuer with profile EndEntity',
    )
  }
  if (spec.profile === 'EndEntity' && request.isCA) {
    throw fail('ProfileMismatch', 'this issuer signs no CAs: set isCA: false, or use an issuer with profile MeshCA')
  }
  if (request.form === 'CertificateRequest') return
  if (spec.profile === 'MeshCA') {
    throw fail(
      'ProfileMismatch',
      'a CertificateSigningRequest has no place for ca.crt, which istiod needs: use a cert-manager Certificate with this issuer',
    )
  }
  if (request.isCA && !request.usages.includes('cert sign')) {
    // The annotation can be edited after approval; spec.usages cannot.
    throw fail('UsagesMismatch', 'a CertificateSigningRequest for a CA must name "cert sign" in spec.usages')
  }
}

/**
 * The usages to sign with.
 * @throws Refusal `fail` where the CSR and the request differ, a usage is unknown, or a mesh CA asks for extended ones
 */
export function usagesFor(request: RequestFacts, csr: CertificationRequest, spec: IssuerSpec): Usages {
  const asked = guarded('InvalidUsages', () => usagesToExtensions(request.usages, request.isCA))
  const stated = csr.keyUsage !== undefined || csr.extKeyUsage !== undefined
  if (stated && !agrees(csr, asked)) {
    throw fail('UsagesMismatch', 'the key usages in the CSR are not those in spec.usages; make both the same')
  }
  if (!request.isCA) {
    // RFC 5280 4.2.1.3: without cA there must be no keyCertSign.
    if (!asked.keyUsage.includes('keyCertSign')) return asked
    throw fail(
      'UsagesMismatch',
      '"cert sign" belongs in CA certificates only: remove it from spec.usages or set isCA: true',
    )
  }
  if (spec.profile === 'MeshCA' && asked.extKeyUsage.length > 0) {
    throw fail(
      'UsagesMismatch',
      'a mesh CA with extended key usages limits every workload below it: remove them from spec.usages',
    )
  }
  return { ...asked, keyUsage: union(asked.keyUsage, ['keyCertSign', 'cRLSign']) }
}

function agrees(csr: CertificationRequest, asked: Usages): boolean {
  const sameKeyUsage = sameMembers(csr.keyUsage ?? [], asked.keyUsage)
  return sameKeyUsage && (csr.extKeyUsage ?? []).join() === asked.extKeyUsage.join()
}

/**
 * A mesh CA needs a name of its own: verifiers find issuers by name.
 * @throws Refusal `fail`
 */
export function checkSubject(csr: CertificationRequest, spec: IssuerSpec, authority: Authority): void {
  if (spec.profile !== 'MeshCA') return
  if (csr.subject.empty) throw fail('SubjectMissing', 'a mesh CA needs a subject: set commonName in the Certificate')
  const taken = authorityLinks(authority).find((link) => alikeNames(link.subject, csr.subject))
  if (taken !== undefined) {
    throw fail(
      'SubjectTaken',
      `the subject ${csr.subject.text} is that of a CA above; give the intermediate a name of its own`,
    )
  }
}

function union(a: readonly KeyUsage[], b: readonly KeyUsage[]): readonly KeyUsage[] {
  return [...new Set([...a, ...b])]
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item))
}

function guarded<T>(code: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof PkiError) throw fail(code, error.message)
    throw error
  }
}
