import { quote } from './error.ts'
import { mailboxesOf, type Name } from './name.ts'
import { type NameConstraints, nameAllowed } from './name-constraints.ts'
import type { GeneralName } from './san.ts'

/** A certificate, as far as name constraints look at it. */
export interface Bearer {
  /** Left out where it is empty. */
  readonly subject?: Name
  readonly names: readonly GeneralName[]
  readonly isCA: boolean
}

/**
 * Whether a certificate may stand below these constraints, whoever judges.
 * @returns why not; undefined where it may
 */
export function namesForbidden(bearer: Bearer, constraints: NameConstraints): string | undefined {
  return firstForbidden(bearer.names, constraints) ?? forbiddenByPeers(bearer, constraints)
}

/** The first of these names that no certificate may have below the constraints, and why. */
export function firstForbidden(names: readonly GeneralName[], constraints: NameConstraints): string | undefined {
  for (const name of names) {
    const reason = nameAllowed(name, constraints)
    if (reason !== undefined) return reason
  }
  return undefined
}

/**
 * What Go, and so istiod, lets pass: OpenSSL and BoringSSL look at the mailboxes in subjects, and BoringSSL knows no
 * constraints on addresses, which is held against CAs alone, since they need no address.
 */
export function forbiddenByPeers({ subject, names, isCA }: Bearer, constraints: NameConstraints): string | undefined {
  const address = isCA && constrainsAddresses(constraints) && names.find(({ type }) => type === 'ip')
  if (address && 'value' in address)
    return `Envoy does not compare IP address ${quote(address.value)} of a CA with name constraints`
  const mailboxes = subject === undefined ? [] : mailboxesOf(subject)
  const emails = mailboxes.flatMap((value) => (value === undefined ? [] : [{ type: 'email', value } as const]))
  if (subject !== undefined && emails.length < mailboxes.length)
    return `the email address in ${quote(subject.text)} cannot be compared with name constraints`
  return firstForbidden(emails, constraints)
}

function constrainsAddresses({ permitted, excluded }: NameConstraints): boolean {
  return permitted.ipRanges.length > 0 || excluded.ipRanges.length > 0
}
