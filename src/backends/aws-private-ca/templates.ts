import { PkiError } from '../../pki/error.ts'
import type { KeyUsage } from '../../pki/key-usage.ts'
import { SigningError, type SigningRequest } from '../backend.ts'
import { type AddedExtensions, encodePassthrough, type Passthrough } from './passthrough.ts'
import { candidates, MOST_PATH_LENGTH, TEMPLATES, type Template } from './template-table.ts'

/** What to sign with. */
export interface Choice {
  /** `EndEntityCertificate/V1` */
  readonly template: string
  readonly passthrough: Passthrough | undefined
}

/** What of a request decides on its template. */
export type Wanted = Pick<
  SigningRequest,
  'isCA' | 'pathLength' | 'keyUsage' | 'extKeyUsage' | 'nameConstraints' | 'csr'
>

/**
 * cert-manager adds it to every request that names no usages, and AWS fixes the usages of a CA: it alone is let go, for a
 * key that signs certificates is not enciphered with.
 */
const LET_GO_IN_CAS: KeyUsage = 'keyEncipherment'
/** CustomExtension.Value of the service model. */
const MOST_VALUE = 4096

/**
 * The template that carries everything that is asked for: the first of its kind that does, or the one that the owner pins.
 * Subject and alternative names come from the CSR with each of them.
 * @param pin `SubordinateCACertificate_PathLen0/V1`
 * @throws SigningError where none does: nothing is dropped silently
 */
export function chooseTemplate(wanted: Wanted, pin: string | undefined): Choice {
  const { isCA, pathLength = 0, csr } = wanted
  if (csr.publicKey.kind === 'Ed25519') {
    throw new SigningError('give-up', 'key-unsupported', 'AWS Private CA does not sign Ed25519 keys; use RSA or ECDSA')
  }
  if (isCA && pathLength > MOST_PATH_LENGTH) {
    throw refused(
      'path-length-unsupported',
      `AWS Private CA has templates for path lengths up to ${MOST_PATH_LENGTH}, and ${pathLength} is asked for; lower the issuer's pathLength or maxPathLength`,
    )
  }
  const template = pin === undefined ? firstFit(wanted, candidates(isCA, pathLength)) : pinned(wanted, pin)
  return { template: template.name, passthrough: added(template, wanted) }
}

/**
 * Refuses a pin that fits no request at all, so that the issuer says so before any comes.
 * @throws SigningError
 */
export function checkPin(pin: string | undefined): void {
  if (pin === undefined) return
  const template = TEMPLATES.get(pin)
  const reason = template === undefined ? 'which is no template that requests are signed with' : unsafe(template)
  if (reason !== undefined) throw pinRefused(pin, reason)
}

function pinned(wanted: Wanted, pin: string): Template {
  checkPin(pin)
  const template = TEMPLATES.get(pin)
  const reason = template && misfit(template, wanted)
  if (template === undefined || reason !== undefined) throw pinRefused(pin, reason ?? '')
  return template
}

function firstFit(wanted: Wanted, names: readonly string[]): Template {
  const template = names
    .map((name) => TEMPLATES.get(name))
    .find((one) => one !== undefined && misfit(one, wanted) === undefined)
  if (template !== undefined) return template
  throw refused('template-missing', 'AWS Private CA has no template for what is asked; ask for other usages')
}

/** Why a template would not give what is asked for, as the end of a sentence; undefined where it would. */
function misfit(template: Template, wanted: Wanted): string | undefined {
  return (
    unsafe(template) ??
    kindMisfit(template, wanted) ??
    keyUsageMisfit(template, wanted) ??
    purposeMisfit(template, wanted) ??
    (wanted.nameConstraints === undefined || template.takesApi ? undefined : 'which would drop the name constraints')
  )
}

/** A CA with extensions of the requester's choice could be anything. */
function unsafe({ isCA, takesCsr }: Template): string | undefined {
  return isCA && takesCsr ? "which would let a CA's own request choose its extensions" : undefined
}

function kindMisfit({ isCA, pathLength }: Template, wanted: Wanted): string | undefined {
  if (isCA !== wanted.isCA) return isCA ? 'which makes a CA, and none is asked for' : 'which makes no CA'
  if (!isCA || pathLength === (wanted.pathLength ?? 0)) return undefined
  return `which gives path length ${pathLength}, and ${wanted.pathLength ?? 0} is asked for`
}

function keyUsageMisfit(template: Template, { isCA, keyUsage, csr }: Wanted): string | undefined {
  const own = template.keyUsage
  if (own === undefined) {
    const carried = keyUsage.length === 0 || template.takesApi || (template.takesCsr && csr.keyUsage !== undefined)
    return carried ? undefined : 'which would drop the key usages'
  }
  const fits = isCA
    ? keyUsage.every((usage) => own.includes(usage) || usage === LET_GO_IN_CAS)
    : sameMembers(own, keyUsage)
  return fits ? undefined : `which gives the key usages ${own.join(', ')}, and others are asked for`
}

function purposeMisfit(template: Template, { extKeyUsage, csr }: Wanted): string | undefined {
  const own = template.extKeyUsage
  if (own === undefined) {
    const carried =
      extKeyUsage.length === 0 || template.takesApi || (template.takesCsr && csr.extKeyUsage !== undefined)
    return carried ? undefined : 'which would drop the extended key usages'
  }
  return sameMembers(own, extKeyUsage) ? undefined : 'which gives other extended key usages than are asked for'
}

/** What the template itself does not say is said in the call. */
function added(template: Template, { keyUsage, extKeyUsage, nameConstraints }: Wanted): Passthrough | undefined {
  if (!template.takesApi) return undefined
  const extensions: AddedExtensions = {
    keyUsage: template.keyUsage === undefined ? keyUsage : [],
    extKeyUsage: template.extKeyUsage === undefined ? extKeyUsage : [],
    nameConstraints,
  }
  try {
    return checkSize(encodePassthrough(extensions))
  } catch (error) {
    if (error instanceof PkiError) throw new SigningError('give-up', error.code, error.message, { cause: error })
    throw error
  }
}

function checkSize(passthrough: Passthrough | undefined): Passthrough | undefined {
  const long = passthrough?.Extensions.CustomExtensions?.some(({ Value }) => Value.length > MOST_VALUE)
  if (long !== true) return passthrough
  throw refused(
    'name-constraints-too-large',
    `AWS Private CA takes name constraints of up to ${MOST_VALUE} characters of base64; name fewer subtrees`,
  )
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)]
  return left.size === right.size && [...left].every((one) => right.has(one))
}

function pinRefused(pin: string, reason: string): SigningError {
  return refused(
    'template-unfit',
    `the issuer's templateName is ${pin}, ${reason}; leave awsPrivateCA.templateName out, or name a template that fits`,
  )
}

/** The owner of the issuer can mend it, for this request only. */
function refused(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message)
}
