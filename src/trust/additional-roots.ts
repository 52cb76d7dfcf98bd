import { type Certificate, isSelfSigned, parseCertificates } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'
import { alikeNames } from './alike.ts'

/** One entry of `trust.additionalRoots`, its reference resolved. */
export interface DeclaredRoots {
  /** Where it stands, for messages: `trust.additionalRoots[0] (Secret "roots", key "ca.crt")`. */
  readonly source: string
  readonly pem: string
  /** Fingerprints (hex SHA-256, lower case) that the owner pinned: these and no others may be published. Undefined for roots written out in the issuer. */
  readonly sha256: readonly string[] | undefined
}

export type Admission =
  | { readonly ok: true; readonly roots: readonly Certificate[] }
  | { readonly ok: false; readonly code: RootProblem; readonly message: string }

export type RootProblem =
  | 'RootUnreadable'
  | 'RootNotPinned'
  | 'RootMissing'
  | 'RootUnfit'
  | 'RootNamesCollide'
  | 'TooManyRoots'

/** Far more than a change of roots needs; each costs two certificates in every handshake, and time in every check. */
const MOST_ROOTS = 64

class Refusal extends Error {
  readonly code: RootProblem
  constructor(code: RootProblem, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Admits the roots to publish beside the active one: exactly those pinned, each a self-signed CA in date, and no two
 * different ones of one name, since OpenSSL then picks by order (RFC 5280 6.1 leaves the choice open).
 */
export function admitRoots(active: Certificate, declared: readonly DeclaredRoots[], now: number): Admission {
  try {
    const roots = distinct(declared.flatMap((entry) => admitEntry(entry, now)))
    const published = distinct([active, ...roots]).length
    if (published > MOST_ROOTS) throw tooMany(`ca.crt would hold ${published} roots`)
    refuseEqualNames([active, ...roots])
    return { ok: true, roots }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}

function admitEntry(entry: DeclaredRoots, now: number): readonly Certificate[] {
  const roots = distinct(read(entry))
  // The pins first: signatures are not verified for what nobody declared.
  if (entry.sha256 !== undefined) comparePins(entry.source, roots, entry.sha256)
  for (const root of roots) refuseUnfit(entry.source, root, now)
  return roots
}

function distinct(roots: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(roots.map((root) => [root.fingerprint, root])).values()]
}

function tooMany(what: string): Refusal {
  return new Refusal('TooManyRoots', `${what}, and ${MOST_ROOTS} are the most; remove those that are not needed`)
}

function comparePins(source: string, roots: readonly Certificate[], pinned: readonly string[]): void {
  const extra = roots.find((root) => !pinned.includes(root.fingerprint))
  if (extra !== undefined) {
    throw new Refusal(
      'RootNotPinned',
      `${source} holds a certificate (${extra.subject.text}) with fingerprint ${extra.fingerprint}, which sha256 does not list; add the fingerprint if you trust it, or remove the certificate`,
    )
  }
  const missing = pinned.find((fingerprint) => !roots.some((root) => root.fingerprint === fingerprint))
  if (missing !== undefined) {
    throw new Refusal(
      'RootMissing',
      `${source} holds no certificate with the pinned fingerprint ${missing}; restore the certificate or remove the fingerprint`,
    )
  }
}

function read(entry: DeclaredRoots): readonly Certificate[] {
  const blocks = entry.pem.split('-----BEGIN ').length - 1
  if (blocks > MOST_ROOTS) throw tooMany(`${entry.source} holds ${blocks} certificates`)
  try {
    return parseCertificates(entry.pem)
  } catch (error) {
    if (error instanceof PkiError) throw new Refusal('RootUnreadable', `${entry.source}: ${error.message}`)
    throw error
  }
}

function refuseUnfit(source: string, root: Certificate, now: number): void {
  const problem = unfit(root, now)
  if (problem !== undefined) {
    throw new Refusal('RootUnfit', `${source}: ${root.subject.text} ${problem}, so no peer could trust it as a root`)
  }
}

function unfit(root: Certificate, now: number): string | undefined {
  if (!isSelfSigned(root)) return 'is not self-signed'
  if (root.basicConstraints?.cA !== true) return 'is not a CA'
  if (root.keyUsage !== undefined && !root.keyUsage.includes('keyCertSign')) return 'may not sign certificates'
  if (root.notBefore > now) return `is not valid before ${new Date(root.notBefore).toISOString()}`
  if (root.notAfter <= now) return `ended at ${new Date(root.notAfter).toISOString()}`
  return undefined
}

function refuseEqualNames(roots: readonly Certificate[]): void {
  for (const [index, root] of roots.entries()) {
    const twin = roots
      .slice(0, index)
      .find((other) => other.fingerprint !== root.fingerprint && alikeNames(other.subject, root.subject))
    if (twin !== undefined) {
      throw new Refusal(
        'RootNamesCollide',
        `two different roots carry the name ${root.subject.text} (${twin.fingerprint} and ${root.fingerprint}); some TLS stacks then pick the wrong one, so give the new root a name of its own`,
      )
    }
  }
}
