import type { Issued } from '../backends/backend.ts'
import { type Certificate, isSelfSigned } from '../pki/certificate.ts'
import { type OrderedChain, orderChain } from '../pki/chain.ts'
import { PkiError } from '../pki/error.ts'
import { type PathProblem, trialPath, verifyPath } from '../pki/path.ts'
import { meshTrials } from '../pki/trial.ts'
import { asAsked } from './answer-checks.ts'
import type { Sign } from './decide.ts'

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

/**
 * Proves that an answer is what was asked and will work in istiod, before anybody sees it. A back end is trusted with
 * nothing: cert-manager checks none of what stands here, and a running istiod takes CAs that break its mesh.
 */
export function verifyAnswer(sign: Sign, answer: Issued, now: number): Proof {
  const [certificate] = answer.chain
  if (certificate === undefined) return refused('AnswerEmpty', 'the PKI answered without a certificate')
  try {
    const { chain, root } = chainAbove(certificate, answer, sign)
    const problem = asAsked(certificate, sign) ?? trusted(chain, root, sign) ?? usable(chain, root, sign, now)
    if (problem !== undefined) return refused(problem.code, `the PKI's answer was refused: ${problem.message}`)
    const published = chain.filter((link) => !isSelfSigned(link))
    return { ok: true, certificatePem: published.map((link) => link.pem).join(''), caPem: sign.bundle.pem, certificate }
  } catch (error) {
    if (error instanceof PkiError) return refused('AnswerUnreadable', `the PKI's answer was refused: ${error.message}`)
    throw error
  }
}

/** By what the check of the issuer saw, where that suffices: then no PKI's choice of what to send along matters. */
function chainAbove(certificate: Certificate, answer: Issued, { authority }: Sign): OrderedChain {
  const known = [...authority.chain, authority.root]
  try {
    return orderChain(certificate, known)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    return orderChain(certificate, [...known, ...answer.chain.slice(1), ...answer.roots])
  }
}

function trusted(chain: readonly Certificate[], root: Certificate, sign: Sign): PathProblem | undefined {
  if (root.fingerprint !== sign.authority.root.fingerprint) {
    return problem(
      'AnswerRootDiffers',
      `it chains to the root ${root.fingerprint}, and the issuer was checked with ${sign.authority.root.fingerprint}`,
    )
  }
  const [certificate, ...above] = chain
  // The root counts too: istiod looks at its end at start only.
  const ending = [...above, root].find((link) => certificate !== undefined && link.notAfter < certificate.notAfter)
  return ending === undefined
    ? undefined
    : problem('AnswerOutlivesAuthority', `it would outlive ${ending.subject.text}, which stands above it`)
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

function problem(code: string, message: string): PathProblem {
  return { code, message }
}

function refused(code: string, message: string): Proof {
  return { ok: false, code, message }
}
