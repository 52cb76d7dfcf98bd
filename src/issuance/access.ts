import type { Facts, IssuerFacts, RequestFacts } from './facts.ts'
import { fail, wait } from './refusal.ts'

type Selector = NonNullable<NonNullable<IssuerFacts['spec']['allowedNamespaces']>['selector']>
type Labels = Readonly<Record<string, string>>

/**
 * Holds the request back where the issuer's owner has not let its namespace in.
 * @throws Refusal `wait`: the owner can mend it
 */
export function checkNamespace(facts: Facts, issuer: IssuerFacts): void {
  const allowed = issuer.spec.allowedNamespaces
  if (!issuer.clusterScoped || allowed === undefined) return
  if (allowed.selector !== undefined && isEmpty(allowed.selector)) return
  const { namespace } = facts.request
  if (namespace === undefined) {
    throw wait(
      'NamespaceNotAllowed',
      `${facts.issuerTitle} serves chosen namespaces only, and the requester ${facts.request.requester ?? 'of this request'} belongs to none`,
    )
  }
  if (allowed.names?.includes(namespace)) return
  if (
    allowed.selector !== undefined &&
    facts.namespaceLabels !== undefined &&
    matches(allowed.selector, facts.namespaceLabels)
  )
    return
  throw wait(
    'NamespaceNotAllowed',
    `${facts.issuerTitle} does not serve namespace ${namespace}; its owner can add it to allowedNamespaces`,
  )
}

/**
 * Refuses requesters that the issuer does not list. Matched exactly, to the user name that admission recorded.
 * @throws Refusal `fail`: the user name of a request never changes
 */
export function checkRequester(request: RequestFacts, issuer: IssuerFacts): void {
  const allowed = issuer.spec.allowedRequesters
  if (allowed === undefined || allowed.length === 0) return
  if (request.requester !== undefined && allowed.includes(request.requester)) return
  throw fail(
    'RequesterNotAllowed',
    `the issuer does not sign for ${request.requester ?? 'an unknown requester'}; ask through a Certificate, or have allowedRequesters extended`,
  )
}

function isEmpty(selector: Selector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

function matches(selector: Selector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value)
  return equal && (selector.matchExpressions ?? []).every((expression) => holds(expression, labels))
}

type Expression = NonNullable<Selector['matchExpressions']>[number]

const OPERATORS: Readonly<
  Record<Expression['operator'], (value: string | undefined, values: readonly string[]) => boolean>
> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
}

function holds({ key, operator, values }: Expression, labels: Labels): boolean {
  return OPERATORS[operator](labelOf(labels, key), values ?? [])
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
