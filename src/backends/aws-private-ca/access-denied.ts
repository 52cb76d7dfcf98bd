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

/** Policies that stand above those of the caller and of the CA, by AWS's words for them. */
const ABOVE: readonly (readonly [RegExp, string])[] = [
  [/service control policy/i, 'a service control policy of the AWS organization'],
  [/resource control policy/i, 'a resource control policy of the AWS organization'],
  [/VPC endpoint policy/i, 'the policy of the VPC endpoint that the call goes through'],
  [/permissions boundary/i, 'the permissions boundary of the role or user'],
  [/session policy/i, 'the session policy that the credentials were made with'],
]

/** What AWS says is in the way whatever the other policies allow; undefined where it names nothing of the kind. */
export function policyAgainst(words: string): string | undefined {
  const above = ABOVE.find(([pattern]) => pattern.test(words))?.[1]
  if (above !== undefined) return `${above} is in the way; let it allow that`
  return /explicit deny/i.test(words) ? 'a policy denies it explicitly; take that statement out' : undefined
}

/** Which policies would allow the call: AWS itself never says which template was refused, nor what would share it. */
export function describeDenied({ action, authority, template, words }: DeniedCall): string {
  const issuing = template === undefined ? '' : ` with template ${template}`
  const call = `acm-pca:${action} on ${authority.text}${issuing}`
  const against = policyAgainst(words)
  if (against !== undefined) return `${call} is not allowed: ${against}`
  const caller = accountIn(words)
  const own = `${call} is not allowed: let an IAM policy of the issuer's credentials allow it`
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
