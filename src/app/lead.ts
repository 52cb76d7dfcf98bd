import { setTimeout as delay } from 'node:timers/promises'
import { runWorkers } from '../controllers/controller.ts'
import { handleRequest } from '../controllers/requests.ts'
import { wordsOf } from '../ops/log.ts'
import { type LoopParts, makeIssuers, makeRequestLoops, readClusterId } from './loops.ts'
import type { Parts } from './parts.ts'
import { workersFor } from './queues.ts'

const RETRY_MS = 1000

/** Acts until the signal aborts: learns which cluster this is, waits for full caches, and runs the loops. */
export async function lead(parts: Parts, signal: AbortSignal): Promise<void> {
  const { caches, log, identity } = parts
  const clusterId = await clusterIdOf(parts, signal)
  await Promise.race([Promise.all(Object.values(caches).map((cache) => cache.synced)), aborted(signal)])
  if (clusterId === undefined || signal.aborted) return
  log.info('acting', { identity })
  await runLoops({ ...parts, clusterId }, { signal, log, acting: parts.acting })
}

async function clusterIdOf({ client, settings, log }: Parts, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    try {
      return await readClusterId(client, settings.clusterId)
    } catch (error) {
      log.warn('an attempt failed and will be repeated', { what: 'cluster id', error: wordsOf(error) })
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}

async function runLoops(
  parts: LoopParts,
  { signal, log, acting }: { readonly signal: AbortSignal } & Pick<Parts, 'log' | 'acting'>,
): Promise<void> {
  const { queues, settings } = parts
  const issuers = makeIssuers(parts)
  const loops = makeRequestLoops(parts, issuers)
  acting.begin({
    clusterId: parts.clusterId,
    authority: (key) => issuers.health(key)?.authority,
    quotas: (key) => issuers.quotas(key),
  })
  const failed = (key: string, error: unknown): void =>
    log.warn('an attempt failed and will be repeated', { key, error: wordsOf(error) })
  addEverything(parts)
  const counts = workersFor(settings)
  const requests = (name: keyof typeof loops) =>
    runWorkers(
      {
        queue: queues[name],
        count: counts[name],
        handle: (key, turn) => handleRequest(loops[name], key, turn),
        failed,
      },
      signal,
    )
  await Promise.all([
    runWorkers(
      {
        queue: queues.issuers,
        count: counts.issuers,
        handle: (key, turn) => issuers.handle(key, turn.signal),
        failed,
      },
      signal,
    ),
    requests('certificateRequests'),
    requests('kubernetesCsrs'),
  ])
  acting.end()
  for (const queue of Object.values(queues)) queue.stop()
  await issuers.close()
}

/** Whoever begins to act looks at everything once. */
function addEverything({ queues, caches }: LoopParts): void {
  for (const [key] of caches.issuers.entries()) queues.issuers.add(`MeshCAIssuer/${key}`)
  for (const [key] of caches.clusterIssuers.entries()) queues.issuers.add(`MeshCAClusterIssuer//${key}`)
  for (const [key, { state }] of caches.certificateRequests.entries())
    if (state === 'open' || state === 'denied') queues.certificateRequests.add(key)
  for (const [key, { state }] of caches.kubernetesCsrs.entries()) if (state === 'open') queues.kubernetesCsrs.add(key)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
