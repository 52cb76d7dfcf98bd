import { type AuthorityArn, accountIn } from './arn.ts'

/** A call that somebody was not allowed. */
export interface DeniedCall {
  /** `IssueCertificate` */
  readonly action: string
  readonly authority: AuthorityArn
  /** `EndEntityCertificate/V1`, where one is issued with. */
  readonly template: string | undefined
  /** What AWS says: it names the caller. */
  readonly words: string
}

/** The managed permissions of AWS RAM that let another account issue, by the one template that each allows. */
const SHARED: ReadonlyMap<string, string> = new Map([
  ['EndEntityCertificate/V1', 'AWSRAMDefaultPermissionCertificateAuthority'],
  [
    'BlankEndEntityCertificate_APICSRPassthrough/V1',
    'AWSRAMBlankEndEntityCertificateAPICSRPassthroughIssuanceCertificateAuthority',
  ],
  ['SubordinateCACertificate_PathLen0/V1', 'AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority'],
])

/** Which policies would allow the call: AWS itself never says which template was refused, nor what would share it. */
export function describeDenied({ action, authority, template, words }: DeniedCall): string {
  const issuing = template === undefined ? '' : ` with template ${template}`
  const caller = accountIn(words)
  const own = `acm-pca:${action} on ${authority.text}${issuing} is not allowed: let an IAM policy of the issuer's credentials allow it`
  if (caller === authority.account) return own
  const account = caller === undefined ? 'if that is another account' : `since the caller is of account ${caller}`
  return `${own}; and ${account}, share the CA from account ${authority.account} through AWS RAM with ${permissionFor(template)}`
}

function permissionFor(template: string | undefined): string {
  if (template === undefined) return 'any permission for private CAs'
  const managed = SHARED.get(template)
  if (managed !== undefined) return `the permission ${managed}`
  return `a customer managed permission for this template, since no managed one has it`
}
