import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const RBAC = join(import.meta.dirname, '..', '..', 'config', 'rbac')

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

interface RbacObject {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly rules?: readonly Rule[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly name: string }[]
}

/** What config/rbac grants a ServiceAccount, each as `verb group/resource`; the core group has no name. */
export function granted(account: string): readonly string[] {
  const texts = globSync('*.yaml', { cwd: RBAC }).map((file) => readFileSync(join(RBAC, file), 'utf8'))
  const objects: readonly RbacObject[] = texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => document.toJS())
  const bound = objects.filter(({ subjects = [] }) => subjects.some(({ name }) => name === account))
  const rules = bound.flatMap(({ roleRef }) =>
    objects.filter(({ kind, metadata }) => kind === roleRef?.kind && metadata.name === roleRef.name),
  )
  const rights = rules.flatMap((role) => role.rules ?? []).flatMap(rightsOf)
  return [...new Set(rights)].sort()
}

function rightsOf({ apiGroups, resources, verbs }: Rule): readonly string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
  )
}

interface AuditEvent {
  readonly verb: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string }
  readonly responseStatus?: { readonly code?: number }
}

export interface Used {
  /** As `granted` names them. */
  readonly rights: readonly string[]
  /** The like that the API server refused. */
  readonly refused: readonly string[]
}

/** What a user asked of the API server, by its audit log. */
export function used(auditLog: string, username: string): Used {
  const lines = readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.includes(username))
  const events = lines.map((line): AuditEvent => JSON.parse(line)).filter(({ user }) => user.username === username)
  const rights = (of: readonly AuditEvent[]) => [...new Set(of.map(rightOf))].sort()
  const isRefused = ({ responseStatus }: AuditEvent): boolean => responseStatus?.code === 403
  return { rights: rights(events.filter((event) => !isRefused(event))), refused: rights(events.filter(isRefused)) }
}

function rightOf({ verb, objectRef }: AuditEvent): string {
  const { apiGroup = '', resource = '', subresource } = objectRef ?? {}
  return `${verb} ${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`}`
}
