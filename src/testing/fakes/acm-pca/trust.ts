import type { Principal } from './credentials.ts'
import type { RoleOptions } from './options.ts'

/** What a caller of AssumeRole says, as far as a trust policy can ask for it. */
export interface Assertion {
  readonly externalId: string | undefined
  readonly sessionName: string
  readonly tags: Readonly<Record<string, string>>
}

const ACCOUNT = /^arn:[a-z-]+:iam::([0-9]{12}):root$/
const ASSUMED = /^(arn:[a-z-]+):sts::([0-9]{12}):assumed-role\/([^/]+)\/.*$/

/** Whether the trust policy of a role lets this caller assume it. */
export function trusts({ trust = {} }: RoleOptions, principal: Principal, asserted: Assertion): boolean {
  const { principals = ['*'], externalId, sessionName, tags = {} } = trust
  return (
    principals.some((wanted) => isPrincipal(wanted, principal)) &&
    (externalId === undefined || externalId === asserted.externalId) &&
    (sessionName === undefined || sessionName === asserted.sessionName) &&
    Object.entries(tags).every(([key, value]) => asserted.tags[key] === value)
  )
}

/** A session is its role too; the path of a role is not part of the name of its sessions. */
function isPrincipal(wanted: string, { arn, account }: Principal): boolean {
  const named = wanted.replace(ACCOUNT, '$1').replace(/:role\/.*\//, ':role/')
  return ['*', arn, account, arn.replace(ASSUMED, '$1:iam::$2:role/$3')].includes(named)
}
