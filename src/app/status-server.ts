import { wordsOf } from '../ops/log.ts'
import { Access } from '../server/access.ts'
import { isLoopback, type Listening, listen } from '../server/server.ts'
import { makeStatusApp } from '../server/status-app.ts'
import type { Parts } from './parts.ts'
import { tokenReviewer } from './status-access.ts'

export type StatusParts = Pick<Parts, 'settings' | 'overview' | 'log' | 'client' | 'monotonic'>

/**
 * Serves the status page where the settings say so. An address that cannot be had is logged and no more: nobody's certificate
 * shall wait for a page.
 */
export async function serveStatus(parts: StatusParts): Promise<Listening | undefined> {
  const { settings, overview, log } = parts
  const { statusAddr: address } = settings
  if (address === undefined) return undefined
  const app = makeStatusApp({ overview, access: isLoopback(address) ? undefined : accessOf(parts) })
  try {
    return await listen(app, address)
  } catch (error) {
    log.error('the status page is not served; choose another --status-addr', { address, error: wordsOf(error) })
    return undefined
  }
}

function accessOf({ client, log, monotonic }: StatusParts): Access {
  const failed = (error: unknown): void =>
    log.warn('a reader of the status page was turned away, since the API server could not be asked who it is', {
      error: wordsOf(error),
    })
  return new Access({ review: tokenReviewer(client), failed, now: monotonic })
}
