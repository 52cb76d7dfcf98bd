import { setTimeout as delay } from 'node:timers/promises'

export interface Attempts {
  readonly what: string
  readonly withinMs: number
  readonly everyMs: number
  /** Gives up, with this signal's reason, when it is aborted: for the end of the program that is waited for. */
  readonly signal?: AbortSignal
}

/**
 * Repeats `attempt` until it returns something other than undefined. Only for readiness that a server announces in no
 * other way than by answering; whatever can be watched is watched.
 */
export async function eventually<T>(attempts: Attempts, attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + attempts.withinMs
  for (;;) {
    const result = await attempt()
    if (result !== undefined) return result
    if (performance.now() > deadline) {
      throw new Error(`${attempts.what} did not happen within ${attempts.withinMs} ms.`)
    }
    await delay(attempts.everyMs, undefined, attempts.signal === undefined ? {} : { signal: attempts.signal })
  }
}
