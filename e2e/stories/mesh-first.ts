import { setTimeout as delay } from 'node:timers/promises'
import type { Kube } from '../lab/kube.ts'
import type { CertificateRequest, KubeObject } from '../lab/kube-objects.ts'
import { conditionOf } from '../lab/kube-objects.ts'
import type { Collection } from '../lab/kube-paths.ts'
import { PLACE } from './mesh-cluster.ts'

const WITHIN_MS = 30_000
const REVISION = 'cert-manager.io/certificate-revision'

interface Wanted<T> {
  readonly what: string
  readonly collection: Collection
  readonly matches: (object: T) => boolean
}

/** Waits, on a watch, for the first object of a collection that is as wanted. */
export async function firstOf<T extends KubeObject>(kube: Kube, wanted: Wanted<T>): Promise<T> {
  const stopper = new AbortController()
  const seen: string[] = []
  const find = async (): Promise<T> => {
    for await (const { type, object } of kube.watch<T>(wanted.collection, stopper.signal)) {
      if (type === 'DELETED' || type === 'ERROR') continue
      if (wanted.matches(object)) return object
      seen.push(JSON.stringify({ ...object, metadata: { name: object.metadata.name } }))
    }
    throw new Error(`The watch for ${wanted.what} ended.`)
  }
  const tooLate = async (): Promise<never> => {
    await delay(WITHIN_MS, undefined, { signal: stopper.signal })
    throw new Error(`${wanted.what} did not appear within ${WITHIN_MS} ms; last seen:\n${seen.slice(-5).join('\n')}`)
  }
  try {
    return await Promise.race([find(), tooLate()])
  } finally {
    stopper.abort()
  }
}

/** Waits until a request of that Certificate and revision is Pending. */
export function pendingRequest(kube: Kube, certificate: string, revision: number): Promise<CertificateRequest> {
  return firstOf<CertificateRequest>(kube, {
    what: `A pending request of revision ${revision} of ${certificate}`,
    collection: { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', namespace: PLACE },
    matches: (request) => isOf(request, certificate, revision) && conditionOf(request, 'Ready')?.reason === 'Pending',
  })
}

/** The request of that Certificate and revision, as it is. */
export async function requestOf(kube: Kube, certificate: string, revision: number): Promise<CertificateRequest> {
  const collection = { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest', namespace: PLACE }
  const { items } = await kube.list<CertificateRequest>(collection)
  const found = items.find((request) => isOf(request, certificate, revision))
  if (found === undefined) throw new Error(`${certificate} has no request of revision ${revision}.`)
  return { ...found, apiVersion: collection.apiVersion, kind: collection.kind }
}

function isOf({ metadata }: KubeObject, certificate: string, revision: number): boolean {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'Certificate')
  return owner?.name === certificate && metadata.annotations?.[REVISION] === String(revision)
}

interface Event extends KubeObject {
  readonly type: string
  readonly reason: string
  readonly note: string
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string }
}

/** What an event says about an object. */
export type Told = Pick<Event, 'type' | 'reason' | 'note'>

/** Waits for an event of that reason about an object. */
export async function eventAbout(kube: Kube, object: KubeObject, wanted: string): Promise<Told> {
  const { type, reason, note } = await firstOf<Event>(kube, {
    what: `An event ${wanted} about ${object.metadata.name}`,
    collection: { apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace: PLACE },
    matches: (event) => event.reason === wanted && event.regarding.uid === object.metadata.uid,
  })
  return { type, reason, note }
}
