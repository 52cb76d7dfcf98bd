import type { Authority } from './authority.ts'
import { AwsError } from './aws-error.ts'
import type { Principal } from './credentials.ts'
import type { Permission } from './options.ts'

const SHARED_READS = [
  'DescribeCertificateAuthority',
  'GetCertificate',
  'GetCertificateAuthorityCertificate',
  'ListPermissions',
  'ListTags',
] as const

function issuing(template: string): Permission {
  return { actions: [...SHARED_READS, 'IssueCertificate'], templates: [template] }
}

/** The managed permissions of RAM for private CAs: what each lets another account do. */
export const RAM_PERMISSIONS: Readonly<Record<string, Permission>> = {
  AWSRAMDefaultPermissionCertificateAuthority: issuing('EndEntityCertificate/V1'),
  AWSRAMBlankEndEntityCertificateAPICSRPassthroughIssuanceCertificateAuthority: issuing(
    'BlankEndEntityCertificate_APICSRPassthrough/V1',
  ),
  AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority: issuing('SubordinateCACertificate_PathLen0/V1'),
  AWSRAMRevokeCertificateCertificateAuthority: { actions: [...SHARED_READS, 'RevokeCertificate'] },
}

/** One call, for what it wants to be allowed. */
export interface Wish {
  readonly action: string
  readonly resource: string
  /** 'EndEntityCertificate/V1'. */
  readonly template?: string
}

/**
 * A caller of another account needs a share of the CA; every caller needs a permission of its own.
 * @throws AwsError `AccessDeniedException`, which names action and resource and never the template that is missing
 */
export function requireAccess(principal: Principal, authority: Authority, wish: Wish): void {
  const { shares = [] } = authority.options
  const granted = shares
    .filter(({ account }) => account === principal.account)
    .map(({ permission }) => asPermission(permission))
  const own = authority.place.account === principal.account
  if (!own && !granted.some((permission) => allows(permission, wish))) throw denied(principal, wish, 'resource-based')
  requirePermission(principal, wish)
}

/** @throws AwsError `AccessDeniedException` */
export function requirePermission(principal: Principal, wish: Wish): void {
  const { permissions } = principal
  if (permissions?.some((permission) => allows(permission, wish)) === false)
    throw denied(principal, wish, 'identity-based')
}

function asPermission(permission: string | Permission): Permission {
  if (typeof permission !== 'string') return permission
  const known = RAM_PERMISSIONS[permission]
  if (known === undefined) throw new Error(`RAM has no managed permission ${permission} for private CAs`)
  return known
}

function allows({ actions, resources = ['*'], templates = ['*'] }: Permission, wish: Wish): boolean {
  return (
    matches(actions, wish.action) &&
    matches(resources, wish.resource) &&
    (wish.template === undefined || matches(templates, wish.template))
  )
}

function matches(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : pattern === value,
  )
}

function denied({ arn }: Principal, { action, resource }: Wish, kind: string): AwsError {
  const name = action.includes(':') ? action : `acm-pca:${action}`
  return new AwsError(
    'AccessDeniedException',
    `User: ${arn} is not authorized to perform: ${name} on resource: ${resource} because no ${kind} policy allows the ${name} action`,
  )
}
