import { type Collection, EVERYWHERE } from '../cluster/collection.ts'
import { fencedClient } from '../cluster/fenced-client.ts'
import { runWorkers, type Workers } from '../controllers/controller.ts'
import { splitKey } from '../controllers/object-paths.ts'
import { handleRequest } from '../controllers/requests.ts'
import { isOpen } from '../issuance/request-record.ts'
import { wordsOf } from '../ops/log.ts'
import { type Caches, watchesFor } from './caches.ts'
import { type LoopParts, makeIssuers, makeRequestLoops } from './loops.ts'
import type { Parts } from './parts.ts'
import { workersFor } from './queues.ts'

/**
 * Acts until the signal aborts: learns which cluster this is, and runs the loops as soon as there is a scope (the cluster, or
 * one of the namespaces) of which everything is known. A namespace that may not be read yet keeps no other one waiting.
 */
export async function lead(parts: Parts, signal: AbortSignal): Promise<void> {
  const { settings, caches, clusterIdentity, log, identity } = parts
  const scopes = settings.watchNamespaces.length === 0 ? [EVERYWHERE] : settings.watchNamespaces
  const known = scopes.map((scope) => synced(caches, scope).then(() => scope))
  const clusterId = await Promise.race([clusterIdentity.known, aborted(signal)])
  await Promise.race([...known, aborted(signal)])
  if (clusterId === undefined || signal.aborted) return
  log.info('acting', { identity })
  // Before the look at everything: what happens from now on is queued.
  for (const queue of Object.values(parts.queues)) queue.start()
  for (const scope of known) void scope.then((name) => addEverything(parts, name))
  const client = fencedClient(parts.client, parts.mayAct)
  await runLoops({ ...parts, client, clusterId }, { signal, log, acting: parts.acting })
  if (parts.mayAct()) log.info('not acting any more', { identity })
  else log.warn('not acting any more, since the Lease was lost', { identity })
}

async function synced(caches: Caches, scope: string): Promise<void> {
  await Promise.all(watchesFor(caches, scope).map((watch) => watch.synced))
}

async function runLoops(
  parts: LoopParts,
  { signal, log, acting }: { readonly signal: AbortSignal } & Pick<Parts, 'log' | 'acting'>,
): Promise<void> {
  const { queues, settings, caches } = parts
  const issuers = makeIssuers(parts)
  const loops = makeRequestLoops(parts, issuers)
  acting.begin({
    clusterId: parts.clusterId,
    authority: (key) => issuers.health(key)?.authority,
    quotas: (key) => issuers.quotas(key),
  })
  const failed = (key: string, error: unknown): void =>
    log.warn('an attempt failed and will be repeated', { key, error: wordsOf(error) })
  const counts = workersFor(settings)
  const whenKnown =
    (namespaceIn: (key: string) => string, handle: Workers['handle']): Workers['handle'] =>
    async (key, turn) =>
      isKnown(caches, namespaceIn(key)) ? handle(key, turn) : 'when-changed'
  const requests = (name: keyof typeof loops): Promise<void> => {
    const handle = whenKnown(requestNamespace, (key, turn) => handleRequest(loops[name], key, turn))
    return runWorkers({ queue: queues[name], count: counts[name], handle, failed }, signal)
  }
  const handle = whenKnown(issuerNamespace, (key, turn) => issuers.handle(key, turn.signal))
  await Promise.all([
    runWorkers({ queue: queues.issuers, count: counts.issuers, handle, failed }, signal),
    requests('certificateRequests'),
    requests('kubernetesCsrs'),
  ])
  acting.end()
  for (const queue of Object.values(queues)) queue.stop()
  await issuers.close()
}

/** What is half known would be misjudged; it is looked at when it is known whole. */
function isKnown(caches: Caches, scope: string): boolean {
  return watchesFor(caches, scope).every(({ isSynced }) => isSynced)
}

function requestNamespace(key: string): string {
  const [namespace] = splitKey(key)
  return namespace
}

function issuerNamespace(key: string): string {
  const [, namespace = ''] = key.split('/')
  return namespace
}

/** Whoever begins to act looks at everything once. */
function addEverything({ queues, caches }: Pick<LoopParts, 'queues' | 'caches'>, scope: string): void {
  const { issuers, clusterIssuers, certificateRequests, kubernetesCsrs } = caches
  for (const [key] of entriesOf(issuers, scope)) queues.issuers.add(`MeshCAIssuer/${key}`)
  for (const [key] of entriesOf(clusterIssuers, scope)) queues.issuers.add(`MeshCAClusterIssuer//${key}`)
  for (const [key, record] of entriesOf(certificateRequests, scope))
    if (isOpen(record)) queues.certificateRequests.add(key)
  for (const [key, record] of entriesOf(kubernetesCsrs, scope)) if (isOpen(record)) queues.kubernetesCsrs.add(key)
}

function entriesOf<T>(collection: Collection<T>, scope: string): Iterable<readonly [string, T]> {
  return collection.partFor(scope)?.entries() ?? []
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
