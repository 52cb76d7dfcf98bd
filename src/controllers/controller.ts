import type { WorkQueue } from '../cluster/queue.ts'

/** When to look at a key again: after a time, with growing gaps, or only when something changes. */
export type Again = { readonly afterMs: number } | 'with-backoff' | 'when-changed'

/** One turn of one key. */
export interface Turn {
  /** Aborts when the workers are to end. */
  readonly signal: AbortSignal
  /** Another key may have the turn; what is left to do for this one holds up nobody. */
  readonly over: () => void
}

export interface Workers {
  readonly queue: WorkQueue
  readonly count: number
  readonly handle: (key: string, turn: Turn) => Promise<Again>
  /** An attempt that threw: it is repeated with growing gaps. */
  readonly failed: (key: string, error: unknown) => void
}

/** Runs workers on a queue until the signal aborts; resolves when each has finished the key it held. */
export async function runWorkers(workers: Workers, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: workers.count }, () => work(workers, signal)))
}

async function work(workers: Workers, signal: AbortSignal): Promise<void> {
  for (;;) {
    const key = await workers.queue.take(signal)
    if (key === undefined) return
    const again = await attempt(workers, key, signal)
    if (again === 'with-backoff') workers.queue.retry(key)
    else workers.queue.forget(key)
    workers.queue.done(key)
    if (typeof again === 'object') workers.queue.addAfter(key, again.afterMs)
  }
}

async function attempt({ queue, handle, failed }: Workers, key: string, signal: AbortSignal): Promise<Again> {
  try {
    return await handle(key, { signal, over: () => queue.turnOver(key) })
  } catch (error) {
    if (!signal.aborted) failed(key, error)
    return 'with-backoff'
  }
}
