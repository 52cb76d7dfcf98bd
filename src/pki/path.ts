import { type Certificate, isSelfSigned, namesIssuer } from './certificate.ts'
import { type Bearer, firstForbidden, forbiddenByPeers } from './constrained-names.ts'
import { PkiError, quote } from './error.ts'
import type { GeneralName } from './san.ts'

/** Why a path does not hold: a stable code in kebab case and a sentence. */
export interface PathProblem {
  readonly code: string
  readonly message: string
}

/** A certificate that is only imagined: it has no key and no signature. */
export interface TrialLeaf {
  /** "a workload certificate for spiffe://..." */
  readonly description: string
  readonly names: readonly GeneralName[]
  /** OIDs; the path must allow each of them. */
  readonly extKeyUsage: readonly string[]
  readonly isCA?: false
}

/** Code of what istiod, in Go, lets pass, and OpenSSL or Envoy's BoringSSL does not. */
export const PEERS_REFUSE = 'peers-refuse'
/** TLS peers refuse shorter RSA keys (OpenSSL's security level 2, Go's crypto/rsa for less than 1024). */
const LEAST_RSA_BITS = 2048

/**
 * Whether a leaf signed by `chain[0]` would be accepted below `root` at the instant `at`: RFC 5280 6.1, and where Go,
 * OpenSSL and BoringSSL are stricter, as they are: the root's own limits count, self-issued CAs count in path lengths,
 * extended key usages nest. `chain` may end with the root or be empty (the root signs).
 * @returns undefined = it would
 */
export function trialPath(
  leaf: TrialLeaf,
  chain: readonly Certificate[],
  root: Certificate,
  at: number,
): PathProblem | undefined {
  const path = [...belowRoot(chain, root), root]
  const bearer = { names: leaf.names, isCA: false }
  return (
    certificatesProblem(path, at) ??
    first(path, issuerProblem) ??
    first(path, (issuer) => usageProblem(leaf.extKeyUsage, issuer) ?? namesProblem(bearer, issuer))
  )
}

/** The same for a chain itself: `chain[0]` is the end of the path, of whatever kind it is. */
export function verifyPath(chain: readonly Certificate[], root: Certificate, at: number): PathProblem | undefined {
  const path = [...belowRoot(chain, root), root]
  const issuers = path.slice(1)
  const wanted = path[0]?.extKeyUsage ?? []
  return (
    certificatesProblem(path, at) ??
    first(issuers, issuerProblem) ??
    first(issuers, (issuer) => usageProblem(wanted, issuer))
  )
}

/** What holds for every certificate of a path, whoever stands below it. */
function certificatesProblem(path: readonly Certificate[], at: number): PathProblem | undefined {
  return first(path, (certificate, index) => {
    const issuer = path[index + 1]
    return (
      ownProblem(certificate, at) ??
      (issuer === undefined ? rootProblem(certificate) : linkProblem(certificate, issuer)) ??
      first(path.slice(index + 1), (above) => namesProblem(bearerOf(certificate), above))
    )
  })
}

function bearerOf({ subject, subjectAltName, basicConstraints }: Certificate): Bearer {
  return { subject, names: subjectAltName?.names ?? [], isCA: basicConstraints?.cA === true }
}

function ownProblem(certificate: Certificate, at: number): PathProblem | undefined {
  const { publicKey, peerFault, unknownCriticalExtensions } = certificate
  if (at < certificate.notBefore)
    return problem('not-yet-valid', `${named(certificate)} is valid only from ${instant(certificate.notBefore)}`)
  if (at > certificate.notAfter)
    return problem('expired', `${named(certificate)} expired on ${instant(certificate.notAfter)}`)
  const unknown = unknownCriticalExtensions[0]
  if (unknown !== undefined)
    return problem(
      'critical-extension',
      `${named(certificate)} has the critical extension ${unknown}, which peers do not know`,
    )
  if (peerFault !== undefined)
    return problem(peerFault.byGo ? 'extension-unfit' : PEERS_REFUSE, `${named(certificate)} ${peerFault.message}`)
  const weak = publicKey.kind === 'unsupported' || (publicKey.kind === 'RSA' && publicKey.bits < LEAST_RSA_BITS)
  return weak
    ? problem('key-unsupported', `${named(certificate)} has a key that peers do not take: ${publicKey.description}`)
    : undefined
}

function rootProblem(root: Certificate): PathProblem | undefined {
  return isSelfSigned(root) ? undefined : problem('root-not-self-signed', `${named(root)} is not a self-signed root`)
}

function linkProblem(certificate: Certificate, issuer: Certificate): PathProblem | undefined {
  if (!namesIssuer(certificate, issuer)) {
    const what = `${named(certificate)} does not name ${named(issuer)} and its key identifier as its issuer`
    const serial = certificate.authorityCertificate?.serialNumber
    return problem('issuer-mismatch', serial === undefined ? what : `${what}, or names another serial number of it`)
  }
  const bad = brokenSignature(certificate, issuer)
  return bad === undefined ? undefined : problem('signature', `the signature on ${named(certificate)} ${bad}`)
}

function brokenSignature(certificate: Certificate, issuer: Certificate): string | undefined {
  try {
    return certificate.signedData.problem(issuer.publicKey)
  } catch (error) {
    if (error instanceof PkiError) return `cannot be verified: ${error.message}`
    throw error
  }
}

/** @param depth how many CA certificates stand between this one and the end of the path */
function issuerProblem(issuer: Certificate, depth: number): PathProblem | undefined {
  const { basicConstraints, keyUsage } = issuer
  if (basicConstraints?.cA !== true) return problem('not-a-ca', `${named(issuer)} is not a CA (basicConstraints)`)
  if (keyUsage?.includes('keyCertSign') === false)
    return problem('key-usage', `${named(issuer)} may not sign certificates (keyUsage lacks keyCertSign)`)
  const limit = basicConstraints.pathLength
  if (limit === undefined || depth <= limit) return undefined
  return problem(
    'path-length',
    `${named(issuer)} allows a path length of ${limit}, and the number of CAs below it is ${depth}`,
  )
}

function usageProblem(wanted: readonly string[], issuer: Certificate): PathProblem | undefined {
  const allowed = issuer.extKeyUsage
  const missing = allowed && wanted.find((oid) => !allowed.includes(oid))
  if (missing === undefined) return undefined
  return problem('extended-key-usage', `${named(issuer)} is limited to extended key usages without ${missing}`)
}

function namesProblem(bearer: Bearer, issuer: Certificate): PathProblem | undefined {
  const { nameConstraints } = issuer
  if (nameConstraints === undefined) return undefined
  const forbids = (code: string, reason: string | undefined): PathProblem | undefined =>
    reason === undefined ? undefined : problem(code, `the name constraints of ${named(issuer)} forbid it: ${reason}`)
  return (
    forbids('name-constraints', firstForbidden(bearer.names, nameConstraints)) ??
    forbids(PEERS_REFUSE, forbiddenByPeers(bearer, nameConstraints))
  )
}

/** The chain without the root that some answers end with. */
function belowRoot(chain: readonly Certificate[], root: Certificate): readonly Certificate[] {
  return chain.at(-1)?.fingerprint === root.fingerprint ? chain.slice(0, -1) : chain
}

/** By `some`: in code that is not yet optimized an iterator makes an object for each item. */
function first<T, R>(items: readonly T[], find: (item: T, index: number) => R | undefined): R | undefined {
  let found: R | undefined
  items.some((item, index) => {
    found = find(item, index)
    return found !== undefined
  })
  return found
}

function named(certificate: Certificate): string {
  return quote(certificate.subject.text)
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

function problem(code: string, message: string): PathProblem {
  return { code, message }
}
