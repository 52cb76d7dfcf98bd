import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import { namesForbidden } from '../pki/constrained-names.ts'
import type { CertificationRequest } from '../pki/csr.ts'
import { type NameConstraints, nameAllowed, permittedOutside, type Subtrees } from '../pki/name-constraints.ts'
import { meshTrials } from '../pki/trial.ts'
import { authorityLinks, meshNames, spentLink } from './authority.ts'
import type { RequestFacts } from './facts.ts'
import { fail, wait } from './refusal.ts'

/** As far as the schema's maximum of 255 goes; no signs, spaces or leading zeros. */
const WISH = /^(?:0|[1-9][0-9]{0,2})$/

/**
 * The path length of the CA to issue: the request's wish within the issuer's maximum, else the issuer's own.
 * @throws Refusal `fail` where the wish is above the maximum, `wait` where the authority has no room for it
 */
export function pathLengthFor(request: RequestFacts, spec: IssuerSpec, authority: Authority): number {
  const wish = request.form === 'CertificateRequest' ? request.pathLengthWish : undefined
  const pathLength = wish === undefined ? spec.pathLength : readWish(wish, spec)
  const spent = spentLink(authority, pathLength)
  if (spent !== undefined) {
    throw wait(
      'PathLengthSpent',
      `${spent.subject} allows a path length of ${spent.limit}, too little for a CA of path length ${pathLength} below it; use a CA with a greater one`,
    )
  }
  return pathLength
}

function readWish(wish: string, spec: IssuerSpec): number {
  const maximum = spec.maxPathLength ?? spec.pathLength
  if (!WISH.test(wish))
    throw fail('PathLengthRefused', `the path length that the annotation asks for is not a number from 0 to ${maximum}`)
  if (Number(wish) > maximum)
    throw fail(
      'PathLengthRefused',
      `the annotation asks for path length ${wish}, and the issuer allows at most ${maximum}`,
    )
  return Number(wish)
}

/**
 * The name constraints to sign with: the CSR's, which must lie inside the issuer's, else the issuer's; excluded subtrees
 * of both (RFC 5280 4.2.1.10). Subtrees of one extension are alternatives, so permitted lists are never joined.
 * @throws Refusal `fail`
 */
export function nameConstraintsFor(
  csr: CertificationRequest,
  isCA: boolean,
  spec: IssuerSpec,
): NameConstraints | undefined {
  if (!isCA) {
    if (csr.nameConstraints !== undefined)
      throw fail(
        'NameConstraintsRefused',
        'name constraints belong in CA certificates only; remove them or set isCA: true',
      )
    return undefined
  }
  const own = ownersConstraints(spec)
  const asked = csr.nameConstraints
  if (asked === undefined) return own
  const all = own === undefined ? asked : within(asked, own)
  const barred = shutsOutMesh(all, spec)
  if (barred === undefined) return all
  throw fail('NameConstraintsRefused', `with the name constraints of the CSR ${barred}; let the names of the mesh in`)
}

/** Which certificate of the mesh could not be signed below a CA with these constraints, and why; undefined without a mesh. */
export function shutsOutMesh(constraints: NameConstraints, spec: IssuerSpec): string | undefined {
  if (spec.profile !== 'MeshCA') return undefined
  for (const { description, names } of meshTrials(meshNames(spec))) {
    const barred = names.map((name) => nameAllowed(name, constraints)).find(isText)
    if (barred !== undefined) return `${description} would be refused: ${barred}`
  }
  return undefined
}

interface Asked {
  readonly csr: CertificationRequest
  readonly isCA: boolean
  readonly extKeyUsage: readonly string[]
}

/**
 * A CA that limits names or uses limits what is signed below it, whoever asks; no answer of its PKI would be taken.
 * @throws Refusal `fail`
 */
export function checkAuthorityLimits({ csr, isCA, extKeyUsage }: Asked, authority: Authority): void {
  const bearer = { subject: csr.subject, names: csr.subjectAltName?.names ?? [], isCA }
  for (const { subject, nameConstraints, extKeyUsage: allowed } of authorityLinks(authority)) {
    const barred = nameConstraints && namesForbidden(bearer, nameConstraints)
    if (barred !== undefined) throw fail('NamesNotPermitted', `${subject.text} does not permit it: ${barred}`)
    const missing = allowed && extKeyUsage.find((oid) => !allowed.includes(oid))
    if (missing !== undefined)
      throw fail('UsagesNotPermitted', `${subject.text} is limited to extended key usages without ${missing}`)
  }
}

function isText(reason: string | undefined): reason is string {
  return reason !== undefined
}

function within(asked: NameConstraints, own: NameConstraints): NameConstraints {
  const outside = permittedOutside(asked.permitted, own.permitted)
  if (outside !== undefined)
    throw fail('NameConstraintsRefused', `the request permits more names than the issuer does: ${outside}`)
  return {
    critical: asked.critical || own.critical,
    permitted: combine(asked.permitted, own.permitted, (inner, outer) => (inner.length > 0 ? inner : outer)),
    excluded: combine(asked.excluded, own.excluded, (a, b) => [...new Set([...a, ...b])]),
  }
}

/** The issuer's own, without the request's. */
export function ownersConstraints(spec: IssuerSpec): NameConstraints | undefined {
  const own = spec.nameConstraints
  if (own === undefined) return undefined
  return { critical: own.critical, permitted: subtrees(own.permitted), excluded: subtrees(own.excluded) }
}

function subtrees(lists: Partial<Subtrees> | undefined): Subtrees {
  return {
    dnsDomains: lists?.dnsDomains ?? [],
    uriDomains: lists?.uriDomains ?? [],
    emailAddresses: lists?.emailAddresses ?? [],
    ipRanges: lists?.ipRanges ?? [],
  }
}

type Combine = (a: readonly string[], b: readonly string[]) => readonly string[]

function combine(a: Subtrees, b: Subtrees, join: Combine): Subtrees {
  return {
    dnsDomains: join(a.dnsDomains, b.dnsDomains),
    uriDomains: join(a.uriDomains, b.uriDomains),
    emailAddresses: join(a.emailAddresses, b.emailAddresses),
    ipRanges: join(a.ipRanges, b.ipRanges),
  }
}
