import type { Issuer } from '../api/issuer.ts'
import { GROUP, ISSUER_KIND, type IssuerKind, PLURALS } from '../api/names.ts'
import { readObject } from '../api/read.ts'
import type { ApiClient } from '../cluster/client.ts'
import type { Answer } from '../doctor/answer.ts'
import { known } from '../doctor/answer.ts'
import type { ApprovalFacts } from '../doctor/facts.ts'
import { ask } from './ask.ts'

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string
  readonly name: string
}

/** `system:serviceaccount:cert-manager:cert-manager` */
export function userOf({ namespace, name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`
}

type Listed = Readonly<Record<IssuerKind, Answer<readonly Issuer[]>>>

/**
 * Asks whether an approver may approve for our kinds, as cert-manager's webhook will ask (a SubjectAccessReview changes
 * nothing): for a whole kind, and where that is refused, for each issuer of it.
 */
export async function approvals(
  client: ApiClient,
  approver: Account,
  listed: Listed,
): Promise<readonly ApprovalFacts[]> {
  const kinds: readonly IssuerKind[] = ['MeshCAIssuer', 'MeshCAClusterIssuer']
  const asked = await Promise.all(
    kinds.map(async (kind) => {
      const whole = await mayApprove(client, approver, { kind, name: '*' })
      if (known(whole.allowed) !== false) return [whole]
      const names = (known(listed[kind]) ?? []).map(signerName)
      return [whole, ...(await Promise.all(names.map((name) => mayApprove(client, approver, { kind, name }))))]
    }),
  )
  return asked.flat()
}

function signerName({ kind, metadata }: Issuer): string {
  return kind === ISSUER_KIND ? `${metadata.namespace}.${metadata.name}` : metadata.name
}

async function mayApprove(
  client: ApiClient,
  approver: Account,
  { kind, name }: Pick<ApprovalFacts, 'kind' | 'name'>,
): Promise<ApprovalFacts> {
  const resourceAttributes = {
    group: 'cert-manager.io',
    resource: 'signers',
    verb: 'approve',
    name: `${PLURALS[kind]}.${GROUP}/${name}`,
  }
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${approver.namespace}`, 'system:authenticated']
  const allowed = await ask(client, {
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    right: 'create subjectaccessreviews.authorization.k8s.io',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: userOf(approver), groups, resourceAttributes },
    },
    read: (object) => {
      const status = readObject(readObject(object)?.status)
      return status === undefined ? undefined : status.allowed === true
    },
  })
  return { kind, name, allowed }
}
