import assert from 'node:assert/strict'
import { eventually } from '../lab/eventually.ts'
import type { Kube } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { type Asked, type Grant, inWords, lets, type Question, type RbacObject, without } from './rights.ts'

const WITHIN_MS = 10_000

/** A ServiceAccount, by its namespace and name. */
export interface Account {
  readonly namespace: string
  readonly name: string
}

interface Review extends KubeObject {
  readonly spec: object
  readonly status?: { readonly allowed: boolean }
}

/** Whether the API server would let an account do something. */
export async function may(kube: Kube, account: Account, asked: Question): Promise<boolean> {
  const { verb, group, namespace = '', name = '' } = asked
  const [resource = '', subresource = ''] = asked.resource.split('/')
  const resourceAttributes = { verb, group, resource, subresource, namespace, name }
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated']
  const review: Review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: { name: '' },
    spec: { user: `system:serviceaccount:${account.namespace}:${account.name}`, groups, resourceAttributes },
  }
  return (await kube.create(review)).status?.allowed === true
}

export interface Loss {
  readonly account: Account
  readonly roles: readonly RbacObject[]
  readonly grant: Grant
  readonly asked: readonly Asked[]
}

/** Takes a right away, waits until something that was asked for is refused, and gives it back. */
export async function missesGrant(kube: Kube, { account, roles, grant, asked }: Loss): Promise<void> {
  const role = roles.find(({ kind, metadata }) => kind.endsWith('Role') && isRoleOf(metadata, grant))
  assert.ok(role)
  const { apiVersion, kind, metadata } = role
  const scope = metadata.namespace === undefined ? {} : { namespace: metadata.namespace }
  const reference = { apiVersion, kind, name: metadata.name, ...scope }
  const affected = asked.filter((one) => lets(grant, one))
  const answers = (): Promise<readonly boolean[]> => Promise.all(affected.map((one) => may(kube, account, one)))
  const until = (what: string, wanted: (answers: readonly boolean[]) => boolean): Promise<true> =>
    eventually({ what, withinMs: WITHIN_MS, everyMs: 20 }, async () => (wanted(await answers()) ? true : undefined))
  await kube.patch(reference, { rules: without(role, grant) })
  await until(`A refusal without ${inWords(grant)}`, (all) => all.includes(false))
  await kube.patch(reference, { rules: role.rules })
  await until(`${inWords(grant)} given back`, (all) => !all.includes(false))
}

function isRoleOf({ name, namespace }: KubeObject['metadata'], grant: Grant): boolean {
  return name === grant.role && namespace === grant.namespace
}
