import { setTimeout as delay } from 'node:timers/promises'
import type { Kube } from '../lab/kube.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'
import { isSettled } from './support-requests.ts'

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

/**
 * Begins to record, on a watch that no write can pass unseen. Only a restart of the API server makes a gap: what changed
 * meanwhile is then one more state.
 */
export async function recordRequests(kube: Kube, namespace: string): Promise<History> {
  const collection = { ...COLLECTION, namespace }
  const states = new Map<string, CertificateRequest[]>()
  const stopper = new AbortController()
  const waiters = new Set<() => void>()
  const keep = (request: CertificateRequest): void => {
    const { name, resourceVersion } = request.metadata
    const before = states.get(name) ?? []
    if (before.at(-1)?.metadata.resourceVersion !== resourceVersion) states.set(name, [...before, request])
    for (const look of [...waiters]) look()
  }
  let { resourceVersion } = (await kube.list<CertificateRequest>(collection)).metadata
  const follow = async (): Promise<void> => {
    for await (const event of kube.watch<CertificateRequest>({ ...collection, resourceVersion }, stopper.signal)) {
      if (event.type === 'ERROR') break
      if (event.type !== 'BOOKMARK') keep(event.object)
    }
    const { items, metadata } = await kube.list<CertificateRequest>(collection)
    for (const request of items) keep(request)
    resourceVersion = metadata.resourceVersion
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

/** Whether one request was settled, and never changed by an issuer after that. */
export function settledOnce(states: readonly CertificateRequest[]): boolean {
  const settled = states.filter(isSettled)
  return settled.length > 0 && new Set(settled.map(issuerPart)).size === 1 && states.at(-1) === settled.at(-1)
}

/** How many requests are settled by now. */
export function settledIn(states: States): number {
  return [...states.values()].filter((all) => all.some(isSettled)).length
}

function issuerPart(request: CertificateRequest | undefined): string {
  const { conditions = [], certificate, ca, failureTime } = request?.status ?? {}
  const others = conditions.filter(({ type }) => type !== 'Approved' && type !== 'Denied')
  return JSON.stringify({ others, certificate, ca, failureTime })
}
