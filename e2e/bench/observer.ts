import type { Kube } from '../lab/kube.ts'
import type { CertificateRequest } from '../lab/kube-objects.ts'
import { collectionPath } from '../lab/kube-paths.ts'
import { API_VERSION, NAMESPACE } from './requests.ts'
import { isApproved, Sightings } from './sightings.ts'

const COLLECTION = { apiVersion: API_VERSION, kind: 'CertificateRequest', namespace: NAMESPACE }

export type OnApproved = (request: CertificateRequest) => Promise<unknown>

/** What a watch has seen since it began. */
export interface Observer {
  readonly sightings: Sightings
  readonly stop: () => void
}

/**
 * Begins to watch the requests; resolves once no later change can be missed. `onApproved` is called once for each
 * request; when it fails, so does the wait for the requests.
 */
export async function observe(kube: Kube, onApproved: OnApproved = async () => undefined): Promise<Observer> {
  const path = collectionPath(COLLECTION)
  const page = await kube.call<{ readonly metadata: { readonly resourceVersion: string } }>({
    method: 'GET',
    path,
    query: { limit: '1' },
  })
  const { resourceVersion } = page.metadata
  const sightings = new Sightings()
  const stopper = new AbortController()
  const told = new Set<string>()
  const follow = async (): Promise<void> => {
    for await (const event of kube.watch<CertificateRequest>({ ...COLLECTION, resourceVersion }, stopper.signal)) {
      if (event.type === 'ERROR') throw new Error(`The watch ended: ${JSON.stringify(event.object)}`)
      sightings.seen(event.object)
      if (told.has(event.object.metadata.name) || !isApproved(event.object)) continue
      told.add(event.object.metadata.name)
      onApproved(event.object).catch((error: unknown) => sightings.fail(error))
    }
    throw new Error('The API server ended the watch.')
  }
  follow().catch((error: unknown) => {
    if (!stopper.signal.aborted) sightings.fail(error)
  })
  return { sightings, stop: () => stopper.abort() }
}
