import type { Kube } from '../lab/kube.ts'
import type { KubeObject } from '../lab/kube-objects.ts'

/** An event of events.k8s.io/v1, as far as stories look at it. */
export interface KubeEvent extends KubeObject {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
  readonly action: string
  readonly reportingController: string
  readonly regarding: {
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly uid?: string
  }
}

/** What our controller told about an object. */
export interface Told {
  readonly type: string
  readonly reason: string
  readonly note: string
}

const OURS = 'meshca.dev/mesh-ca-issuer'
const WITHIN_MS = 30_000

export interface Subject {
  readonly kind: string
  /** Where the events are: the object's namespace, or `default`. */
  readonly namespace: string
  readonly name: string
}

/** What our controller has told about an object so far. */
export async function told(kube: Kube, subject: Subject): Promise<readonly Told[]> {
  const { items } = await kube.list<KubeEvent>(collectionOf(subject))
  return items.filter(isAbout(subject)).map(toldOf)
}

/** Waits for an event of ours about an object. */
export async function tells(kube: Kube, subject: Subject, reason: string): Promise<Told> {
  const matches = (event: KubeEvent): boolean => isAbout(subject)(event) && event.reason === reason
  const { items, metadata } = await kube.list<KubeEvent>(collectionOf(subject))
  const known = items.find(matches)
  if (known !== undefined) return toldOf(known)
  const stopper = new AbortController()
  const timer = setTimeout(() => stopper.abort(), WITHIN_MS)
  const { resourceVersion } = metadata
  try {
    for await (const { object } of kube.watch<KubeEvent>(
      { ...collectionOf(subject), resourceVersion },
      stopper.signal,
    )) {
      if (matches(object)) return toldOf(object)
    }
  } catch (error) {
    if (!stopper.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    stopper.abort()
  }
  throw new Error(
    `No event ${reason} about ${subject.kind} ${subject.namespace}/${subject.name} came within ${WITHIN_MS} ms.`,
  )
}

function collectionOf({ namespace }: Subject) {
  return { apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace }
}

function isAbout({ kind, name }: Subject): (event: KubeEvent) => boolean {
  return ({ regarding, reportingController }) =>
    reportingController === OURS && regarding.kind === kind && regarding.name === name
}

function toldOf({ type, reason, note }: KubeEvent): Told {
  return { type, reason, note }
}
