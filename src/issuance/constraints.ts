import type { IssuerSpec } from '../api/issuer.ts'
import type { Authority } from '../backends/backend.ts'
import type { CertificationRequest } from '../pki/csr.ts'
import { type NameConstraints, permittedOutside, type Subtrees } from '../pki/name-constraints.ts'
import { spentLink } from './authority.ts'
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
  if (asked === undefined || own === undefined) return asked ?? own
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
