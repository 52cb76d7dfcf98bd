import { CLUSTER_ISSUER_KIND } from '../api/names.ts'
import { optional } from '../api/read.ts'
import { type IssuerTarget, isOpen, type RequestRecord } from './request-record.ts'

/** Which issuers this installation serves, where it is not the only one. */
export interface Scope {
  /** The only ones that it looks at; none: the whole cluster. */
  readonly watchNamespaces: readonly string[]
  /** Those whose issuers another installation serves. */
  readonly skipNamespaces: readonly string[]
}

type Place = Omit<IssuerTarget, 'name'>

/** Whether an issuer is this installation's. Where some namespaces only are looked at, cluster issuers are another's. */
export function serves(scope: Scope, issuer: Place): boolean {
  return servedElsewhere(scope, issuer) === undefined
}

/** Why an issuer is left to another installation, in words to stand behind a colon; undefined: it is this one's. */
export function servedElsewhere(
  { watchNamespaces, skipNamespaces }: Scope,
  { kind, namespace }: Place,
): string | undefined {
  const narrowed = watchNamespaces.length > 0
  if (kind === CLUSTER_ISSUER_KIND)
    return narrowed ? `it has --watch-namespaces, and so serves no ${CLUSTER_ISSUER_KIND}` : undefined
  if (narrowed && !watchNamespaces.includes(namespace))
    return `namespace ${namespace} is none of its --watch-namespaces`
  return skipNamespaces.includes(namespace) ? `namespace ${namespace} is one of its --skip-namespaces` : undefined
}

/**
 * The record as this installation keeps it: an open request to an issuer of another is left to that one. What its Certificate
 * carries still counts, since that may come to an issuer of ours.
 */
export function withinScope(scope: Scope, record: RequestRecord): RequestRecord {
  if (!isOpen(record) || serves(scope, record.issuer)) return record
  const { uid, issuer, certificate, carried } = record
  return { state: 'elsewhere', uid, issuer, ...optional('certificate', certificate), ...optional('carried', carried) }
}
