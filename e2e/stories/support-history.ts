import { setTimeout as delay } from 'node:timers/promises'
import type { Kube } from '../lab/kube.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'

/** Every state of the CertificateRequests of a namespace, by name, since the history began. */
export type States = ReadonlyMap<string, readonly CertificateRequest[]>

export interface History {
  readonly states: States
  /** Resolves once `wanted` holds, asked again with each change; rejects after `withinMs`. */
  readonly until: (what: string, wanted: (states: States) => boolean, withinMs?: number) => Promise<void>
  readonly stop: () => void
}

const COLLECTION = { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' }
const WITHIN_MS = 60_000
const RECONNECT_MS = 50

/** Begins to record, on a watch that no write can pass unseen, through restarts of the API server. */
export async function recordRequests(kube: Kube, namespace: string): Promise<History> {
  const collection = { ...COLLECTION, namespace }
  const states = new Map<string, CertificateRequest[]>()
  const stopper = new AbortController()
  const waiters = new Set<() => void>()
  const { metadata } = await kube.list<CertificateRequest>(collection)
  let resourceVersion = metadata.resourceVersion
  const follow = async (): Promise<void> => {
    for await (const { type, object } of kube.watch<CertificateRequest>(
      { ...collection, resourceVersion },
      stopper.signal,
    )) {
      if (type === 'ERROR') throw new Error(`The history of ${namespace} has a gap: ${JSON.stringify(object)}`)
      resourceVersion = object.metadata.resourceVersion ?? resourceVersion
      const { name } = object.metadata
      if (type !== 'BOOKMARK') states.set(name, [...(states.get(name) ?? []), object])
      for (const look of [...waiters]) look()
    }
  }
  const record = async (): Promise<void> => {
    while (!stopper.signal.aborted) {
      await follow().catch(() => undefined)
      await delay(RECONNECT_MS, undefined, { signal: stopper.signal }).catch(() => undefined)
    }
  }
  void record()
  return {
    states,
    until: (what, wanted, withinMs = WITHIN_MS) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(timer)
          waiters.delete(look)
          settle()
        }
        const look = (): void => {
          if (wanted(states)) end(resolve)
        }
        const late = (): void => end(() => reject(new Error(`${what} did not come within ${withinMs} ms.`)))
        const timer = setTimeout(late, withinMs)
        waiters.add(look)
        look()
      }),
    stop: () => stopper.abort(),
  }
}

/** How often what an issuer writes has changed in the states of one request. */
export function issuerWrites(states: readonly CertificateRequest[]): number {
  const parts = states.map(issuerPart)
  return parts.filter((part, turn) => part !== (parts[turn - 1] ?? issuerPart(undefined))).length
}

function issuerPart(request: CertificateRequest | undefined): string {
  const { conditions = [], certificate, ca, failureTime } = request?.status ?? {}
  const others = conditions.filter(({ type }) => type !== 'Approved' && type !== 'Denied')
  return JSON.stringify({ others, certificate, ca, failureTime })
}
