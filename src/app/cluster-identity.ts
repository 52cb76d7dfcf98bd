import { backoffMs } from '../cluster/backoff.ts'
import type { ApiClient } from '../cluster/client.ts'
import { ApiError, hasStatus } from '../cluster/errors.ts'
import { pause, type Timers } from '../cluster/timers.ts'
import { wordsOf } from '../ops/log.ts'

export interface ClusterIdentityDeps extends Pick<Timers, 'after' | 'random'> {
  readonly client: ApiClient
  /** Taken as it is; undefined: the UID of namespace kube-system. */
  readonly configured: string | undefined
  readonly failed: (error: unknown) => void
}

const GAPS = { leastMs: 1000, mostMs: 30_000 }
const UNREAD = 'the UID of namespace kube-system has not been read yet'

/** What tells this cluster from others towards a PKI. Nothing is signed before it is known. */
export class ClusterIdentity {
  readonly #deps: ClusterIdentityDeps
  readonly #known = Promise.withResolvers<string>()
  #problem: string | undefined

  constructor(deps: ClusterIdentityDeps) {
    this.#deps = deps
    if (deps.configured === undefined) this.#problem = UNREAD
    else this.#known.resolve(deps.configured)
  }

  /** Never rejects. */
  get known(): Promise<string> {
    return this.#known.promise
  }

  /** Why it is not known, in words. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Asks until it is known or the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, failed, after, random } = this.#deps
    for (let failures = 1; this.#problem !== undefined && !signal.aborted; failures += 1) {
      try {
        this.#known.resolve(await uidOfKubeSystem(client))
        this.#problem = undefined
      } catch (error) {
        this.#problem = `the identity of the cluster is not known: ${wordsOf(error)}`
        failed(error)
        await pause(after, backoffMs(GAPS, failures, random()), signal)
      }
    }
  }
}

async function uidOfKubeSystem(client: ApiClient): Promise<string> {
  try {
    const path = '/api/v1/namespaces/kube-system'
    const { metadata } = await client.request<{ readonly metadata?: { readonly uid?: string } }>({
      method: 'GET',
      path,
    })
    if (metadata?.uid !== undefined) return metadata.uid
  } catch (error) {
    if (!hasStatus(error, 403)) throw error
    throw new ApiError(403, 'Forbidden', 'the namespace kube-system may not be got; grant that, or set --cluster-id')
  }
  throw new ApiError(0, 'Unreadable', 'the namespace kube-system has no UID; set --cluster-id')
}
