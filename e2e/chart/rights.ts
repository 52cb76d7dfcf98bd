import { readFileSync } from 'node:fs'
import type { KubeObject } from '../lab/kube-objects.ts'

/** A verb on a resource that a role grants, in one namespace or in all. */
export interface Grant {
  readonly role: string
  /** Undefined: everywhere. */
  readonly namespace: string | undefined
  readonly verb: string
  readonly group: string
  /** With its subresource: `certificaterequests/status`. */
  readonly resource: string
  /** Undefined: any. */
  readonly names: readonly string[] | undefined
}

/** The first two are missing where the rule is about URLs. */
interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

export interface RbacObject extends KubeObject {
  readonly rules?: readonly Rule[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[]
}

/** What the roles among some objects grant a ServiceAccount through the bindings among them. */
export function grantsOf(objects: readonly RbacObject[], account: string): readonly Grant[] {
  const bindings = objects.filter(({ subjects = [] }) => subjects.some(({ name }) => name === account))
  return bindings.flatMap(({ metadata: { namespace }, roleRef }) =>
    objects
      .filter(({ kind, metadata }) => kind === roleRef?.kind && metadata.name === roleRef.name)
      .filter(({ kind, metadata }) => kind === 'ClusterRole' || metadata.namespace === namespace)
      .flatMap(({ metadata, rules = [] }) => rules.flatMap((rule) => grantsIn(rule, metadata.name, namespace))),
  )
}

function grantsIn(rule: Rule, role: string, namespace: string | undefined): readonly Grant[] {
  const names = rule.resourceNames
  return (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      rule.verbs.map((verb) => ({ role, namespace, verb, group, resource, names })),
    ),
  )
}

/** One thing that can be asked of the API server. */
export interface Question {
  readonly verb: string
  readonly group: string
  /** With its subresource. */
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** One thing that was. */
export interface Asked extends Question {
  readonly allowed: boolean
}

interface AuditEvent {
  readonly verb: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly apiGroup?: string
    readonly resource?: string
    readonly subresource?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

/** What a user asked, by the audit log; each once. */
export function askedBy(auditLog: string, username: string): readonly Asked[] {
  const lines = readFileSync(auditLog, 'utf8').split('\n')
  const events = lines.filter((line) => line.includes(username)).map((line): AuditEvent => JSON.parse(line))
  const asked = events.filter(({ user }) => user.username === username).map(askedIn)
  return [...new Map(asked.map((one) => [JSON.stringify(one), one])).values()]
}

function askedIn({ verb, objectRef = {}, responseStatus }: AuditEvent): Asked {
  const { apiGroup = '', resource = '', subresource, namespace, name } = objectRef
  return {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    allowed: responseStatus?.code !== 403,
  }
}

/** Whether a grant lets something through. */
export function lets(grant: Grant, asked: Question): boolean {
  return (
    grant.verb === asked.verb &&
    grant.group === asked.group &&
    grant.resource === asked.resource &&
    (grant.namespace === undefined || grant.namespace === asked.namespace) &&
    (grant.names === undefined || (asked.name !== undefined && grant.names.includes(asked.name)))
  )
}

/** What is granted and nobody asked for, each once and in order. */
export function unasked(grants: readonly Grant[], asked: readonly Asked[]): readonly string[] {
  const found = grants.filter((grant) => !asked.some((one) => lets(grant, one))).map(inWords)
  return [...new Set(found)].sort()
}

/** A grant as one reads it: `get secrets in team`, `patch events.k8s.io/events`. */
export function inWords({ verb, group, resource, namespace }: Question): string {
  return `${verb} ${group === '' ? '' : `${group}/`}${resource}${namespace === undefined ? '' : ` in ${namespace}`}`
}

/** A copy of a role without one grant. */
export function without(role: RbacObject, { verb, group, resource }: Grant): readonly Rule[] {
  return (role.rules ?? []).flatMap((rule) => {
    const { apiGroups = [], resources = [], verbs } = rule
    if (!apiGroups.includes(group) || !resources.includes(resource) || !verbs.includes(verb)) return [rule]
    const others = resources.filter((one) => one !== resource)
    const rest = verbs.filter((one) => one !== verb)
    return [
      ...(others.length > 0 ? [{ ...rule, resources: others }] : []),
      ...(rest.length > 0 ? [{ ...rule, resources: [resource], verbs: rest }] : []),
    ]
  })
}
