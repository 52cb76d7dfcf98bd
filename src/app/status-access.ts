import { isObject, readObject, readText } from '../api/read.ts'
import type { ApiClient } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import type { Verdict } from '../server/access.ts'

/** What a reader of the status page must be allowed: the verb get on this non-resource URL. */
export const STATUS_PATH = '/status'

const REVIEW_MS = 5000

/**
 * Asks the API server whose token it is, and whether they may get /status.
 * @throws ApiError where it cannot be asked, or does not say
 */
export function tokenReviewer(client: ApiClient): (token: string) => Promise<Verdict> {
  const ask = async (group: string, kind: string, spec: object): Promise<Readonly<Record<string, unknown>>> => {
    const apiVersion = `${group}/v1`
    const answer = await client.request<unknown>({
      method: 'POST',
      path: `/apis/${apiVersion}/${kind.toLowerCase()}s`,
      body: { apiVersion, kind, spec },
      signal: AbortSignal.timeout(REVIEW_MS),
    })
    const status = isObject(answer) ? readObject(answer.status) : undefined
    if (status === undefined) throw new ApiError(0, 'Unreadable', `the answer to a ${kind} has no status`)
    return status
  }
  return async (token) => {
    const { authenticated, user } = await ask('authentication.k8s.io', 'TokenReview', { token })
    const username = isObject(user) ? readText(user.username) : undefined
    if (authenticated !== true || !isObject(user) || username === undefined) return 'unknown'
    const { uid, groups, extra } = user
    const nonResourceAttributes = { path: STATUS_PATH, verb: 'get' }
    const subject = { user: username, uid, groups, extra, nonResourceAttributes }
    const { allowed } = await ask('authorization.k8s.io', 'SubjectAccessReview', subject)
    return allowed === true ? 'allowed' : 'forbidden'
  }
}
