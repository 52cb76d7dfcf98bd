import { eventually } from './eventually.ts'
import type { Kube } from './kube.ts'
import type { KubeObject } from './kube-objects.ts'

/** What somebody may or may not do, as a SubjectAccessReview asks it. */
export interface Right {
  readonly user: string
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly allowed: boolean
}

interface Review extends KubeObject {
  readonly spec: object
  readonly status?: { readonly allowed: boolean }
}

/** Waits until the API server judges so: it learns of a role or a binding a moment after it has taken it. */
export async function untilJudged(kube: Kube, { user, resourceAttributes, allowed }: Right): Promise<void> {
  const review: Review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: { name: '' },
    spec: { user, resourceAttributes },
  }
  const what = `The ${allowed ? 'beginning' : 'end'} of a right of ${user}`
  await eventually({ what, withinMs: 10_000, everyMs: 20 }, async () =>
    (await kube.create(review)).status?.allowed === allowed ? true : undefined,
  )
}
