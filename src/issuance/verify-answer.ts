import type { SigningResult } from '../backends/backend.ts'
import { type Certificate, isSelfSigned } from '../pki/certificate.ts'
import { orderChain } from '../pki/chain.ts'
import { PkiError } from '../pki/error.ts'
import { sameNameConstraints } from '../pki/name-constraints.ts'
import { type PathProblem, trialPath, verifyPath } from '../pki/path.ts'
import { samePublicKey, subjectKeyIdentifier } from '../pki/public-key.ts'
import type { GeneralName, SubjectAltName } from '../pki/san.ts'
import { meshTrials } from '../pki/trial.ts'
import type { Sign } from './decide.ts'

/** How far the life of a certificate may be from what was asked: cert-manager's conformance suite allows 30 seconds. */
const LIFE_TOLERANCE_MS = 30_000

export type Proof =
  | {
      readonly ok: true
      /** The bytes of `status.certificate`: the new certificate, then every CA below the root. */
      readonly certificatePem: string
      /** The bytes of `status.ca`. */
      readonly caPem: string
      readonly certificate: Certificate
    }
  | { readonly ok: false; readonly code: string; readonly message: string }

type Issued = Extract<SigningResult, { readonly state: 'issued' }>

/**
 * Proves that an answer is what was asked and will work in istiod, before anybody sees it. A back end is trusted with
 * nothing: neither cert-manager nor istiod checks what stands here (facts/istiod-measured.md, the rows that load and break).
 */
export function verifyAnswer(sign: Sign, answer: Issued, now: number): Proof {
  const [certificate] = answer.chain
  if (certificate === undefined) return refused('AnswerEmpty', 'the PKI answered without a certificate')
  try {
    const { chain, root } = orderChain(certificate, [
      ...answer.chain.slice(1),
      ...answer.roots,
      ...sign.authority.chain,
      sign.authority.root,
    ])
    const problem = asAsked(certificate, sign) ?? trusted(chain, root, sign) ?? usable(chain, root, sign, now)
    if (problem !== undefined) return refused(problem.code, `the PKI's answer was refused: ${problem.message}`)
    const published = chain.filter((link) => !isSelfSigned(link))
    return { ok: true, certificatePem: published.map((link) => link.pem).join(''), caPem: sign.bundle.pem, certificate }
  } catch (error) {
    if (error instanceof PkiError) return refused('AnswerUnreadable', `the PKI's answer was refused: ${error.message}`)
    throw error
  }
}

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

function asAsked(certificate: Certificate, sign: Sign): PathProblem | undefined {
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
  if (Math.abs(notAfter - notBefore - asked) <= LIFE_TOLERANCE_MS) return undefined
  return problem(
    'AnswerLifeDiffers',
    `it lives ${(notAfter - notBefore) / 1000} s, and ${asked / 1000} s were asked for`,
  )
}

function identifierProblem(certificate: Certificate, { request, authority }: Sign): PathProblem | undefined {
  const { subjectKeyIdentifier: own, authorityKeyIdentifier: above } = certificate
  if (request.isCA && own === undefined)
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

function trusted(chain: readonly Certificate[], root: Certificate, sign: Sign): PathProblem | undefined {
  if (root.fingerprint !== sign.authority.root.fingerprint) {
    return problem(
      'AnswerRootDiffers',
      `it chains to the root ${root.fingerprint}, and the issuer was checked with ${sign.authority.root.fingerprint}`,
    )
  }
  const [certificate] = chain
  const ending = chain.slice(1).find((link) => certificate !== undefined && link.notAfter < certificate.notAfter)
  return ending === undefined
    ? undefined
    : problem('AnswerOutlivesAuthority', `it would outlive ${ending.subject.text}, which signs it`)
}

function usable(chain: readonly Certificate[], root: Certificate, sign: Sign, now: number): PathProblem | undefined {
  const ownProblem = verifyPath(chain, root, now)
  if (ownProblem !== undefined || sign.mesh === undefined) return ownProblem
  for (const trial of meshTrials(sign.mesh)) {
    const found = trialPath(trial, chain, root, now)
    if (found !== undefined)
      return problem(found.code, `${trial.description} below it would be refused: ${found.message}`)
  }
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

function problem(code: string, message: string): PathProblem {
  return { code, message }
}

function refused(code: string, message: string): Proof {
  return { ok: false, code, message }
}
