import { lead } from './app/lead.ts'
import { type Clocks, makeParts } from './app/parts.ts'
import { serveStatus } from './app/status-server.ts'
import { makeLogger } from './ops/log.ts'
import { listen, makeApp } from './server/server.ts'
import type { Settings } from './settings.ts'

/** How long the last events may hold up the end. */
const FLUSH_MS = 5000

/** The clocks of this machine. */
export const CLOCKS: Clocks = { now: () => Date.now(), monotonic: () => performance.now() }

/**
 * Runs the controller until SIGTERM or SIGINT, then lets go of the Lease and resolves. Start: probes, caches, election. Stop:
 * the loops, the Lease, the events that wait, the connections.
 */
export async function runController(settings: Settings): Promise<void> {
  const log = makeLogger(settings.logLevel)
  const stop = stopSignal()
  const parts = makeParts({ settings, log, clocks: CLOCKS })
  const { probes, metrics, caches, clusterIdentity, election, recorder, identity } = parts
  const app = makeApp({ ...probes, metrics: metrics.text, metricsType: metrics.contentType })
  const server = await listen(app, settings.httpAddr)
  const status = await serveStatus(parts)
  const reading = Promise.all([clusterIdentity, ...Object.values(caches)].map((reader) => reader.run(stop)))
  log.info('started', { identity, address: settings.httpAddr, status: settings.statusAddr })
  const leading = (signal: AbortSignal): Promise<void> => lead(parts, signal)
  await (settings.leaderElect ? election.run(leading, stop) : leading(stop))
  await recorder.flush(AbortSignal.timeout(FLUSH_MS))
  await Promise.all([reading, server.close(), status?.close()])
  await Promise.all([parts.client.close(), parts.leaseClient.close()])
  log.info('stopped', { identity })
  log.flush()
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
