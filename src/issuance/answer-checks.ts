import type { Certificate } from '../pki/certificate.ts'
import { sameNameConstraints } from '../pki/name-constraints.ts'
import type { PathProblem } from '../pki/path.ts'
import { samePublicKey, subjectKeyIdentifier } from '../pki/public-key.ts'
import type { GeneralName, SubjectAltName } from '../pki/san.ts'
import type { Sign } from './decide.ts'

/** How far the life of a certificate may be from what was asked: cert-manager's conformance suite allows 30 seconds. */
const LIFE_TOLERANCE_MS = 30_000
/** How much of its life may have passed at the PKI's own clock; more is a certificate of an earlier day. */
const STALE_SHARE = 0.1

type Check = (certificate: Certificate, sign: Sign) => PathProblem | undefined

const CHECKS: readonly Check[] = [
  ({ publicKey }, { request }) =>
    samePublicKey(publicKey, request.csr.publicKey)
      ? undefined
      : problem('AnswerKeyDiffers', 'its public key is not that of the CSR'),
  ({ subject }, { request }) =>
    subject.text === request.csr.subject.text
      ? undefined
      : problem('AnswerSubjectDiffers', `its subject is ${subject.text}, not ${request.csr.subject.text}`),
  ({ subjectAltName }, { request }) =>
    sameNames(subjectAltName, request.csr.subjectAltName)
      ? undefined
      : problem('AnswerNamesDiffer', 'its alternative names are not those of the CSR'),
  ({ basicConstraints }, { request }) =>
    (basicConstraints?.cA ?? false) === request.isCA
      ? undefined
      : problem('AnswerCADiffers', request.isCA ? 'it is not a CA' : 'it is a CA, and none was asked for'),
  ({ basicConstraints }, { request }) =>
    basicConstraints?.pathLength === request.pathLength
      ? undefined
      : problem(
          'AnswerPathLengthDiffers',
          `its path length is ${basicConstraints?.pathLength ?? 'unlimited'}, not ${request.pathLength ?? 'absent'}`,
        ),
  usagesProblem,
  lifetimeProblem,
  ({ nameConstraints }, { request }) =>
    sameNameConstraints(nameConstraints, request.nameConstraints)
      ? undefined
      : problem('AnswerConstraintsDiffer', 'its name constraints are not those that were asked for'),
  identifierProblem,
]

/** The first way in which a certificate is not what was asked for. */
export function asAsked(certificate: Certificate, sign: Sign): PathProblem | undefined {
  for (const check of CHECKS) {
    const found = check(certificate, sign)
    if (found !== undefined) return found
  }
  return undefined
}

function usagesProblem({ keyUsage, extKeyUsage }: Certificate, { request }: Sign): PathProblem | undefined {
  if (request.isCA && keyUsage?.includes('keyCertSign') !== true)
    return problem('AnswerUsagesDiffer', 'it may not sign certificates')
  if (!request.isCA && keyUsage?.includes('keyCertSign') === true)
    return problem('AnswerUsagesDiffer', 'it may sign certificates, and no CA was asked for')
  const asked = new Set(request.extKeyUsage)
  const given = new Set(extKeyUsage ?? [])
  if (asked.size === given.size && [...asked].every((oid) => given.has(oid))) return undefined
  return problem('AnswerUsagesDiffer', 'its extended key usages are not those that were asked for')
}

function lifetimeProblem({ notBefore, notAfter }: Certificate, { request }: Sign): PathProblem | undefined {
  const asked = request.notAfter - request.notBefore
  if (Math.abs(notAfter - notBefore - asked) > LIFE_TOLERANCE_MS) {
    const life = (notAfter - notBefore) / 1000
    return problem('AnswerLifeDiffers', `it lives ${life} s, and ${asked / 1000} s were asked for`)
  }
  if (request.notAfter - notAfter <= LIFE_TOLERANCE_MS + asked * STALE_SHARE) return undefined
  return problem('AnswerLifeDiffers', `it ends at ${instant(notAfter)}, and ${instant(request.notAfter)} was asked for`)
}

function identifierProblem(certificate: Certificate, { request, authority }: Sign): PathProblem | undefined {
  const { subjectKeyIdentifier: own, authorityKeyIdentifier: above } = certificate
  if (request.isCA && (own === undefined || own.length === 0))
    return problem(
      'AnswerIdentifierMissing',
      'it has no subject key identifier, so workloads below it would have no authority key identifier',
    )
  const signer = authority.certificate.subjectKeyIdentifier ?? subjectKeyIdentifier(authority.certificate.publicKey)
  if (request.isCA && above === undefined)
    return problem(
      'AnswerIdentifierMissing',
      'it has no authority key identifier, so peers cannot tell two roots apart',
    )
  if (above !== undefined && !Buffer.from(above).equals(signer))
    return problem('AnswerIdentifierDiffers', "its authority key identifier is not the issuer's CA")
  return undefined
}

function sameNames(a: SubjectAltName | undefined, b: SubjectAltName | undefined): boolean {
  const left = new Set((a?.names ?? []).map(nameKey))
  const right = new Set((b?.names ?? []).map(nameKey))
  return left.size === right.size && [...left].every((key) => right.has(key))
}

function nameKey(name: GeneralName): string {
  switch (name.type) {
    case 'directory':
      return `directory:${Buffer.from(name.name.der).toString('hex')}`
    case 'other':
      return `other:${name.oid}:${Buffer.from(name.der).toString('hex')}`
    case 'registeredID':
      return `registeredID:${name.oid}`
    default:
      return `${name.type}:${name.value}`
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function problem(code: string, message: string): PathProblem {
  return { code, message }
}
