/** What loops need of time and chance, so that tests can stand in for both. */
export interface Timers {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Runs `act` after `ms`; the returned function takes it back. */
  readonly after: (ms: number, act: () => void) => () => void
  /** From 0 to 1. */
  readonly random: () => number
}

/** `Timers.after` of the running program. */
export function systemAfter(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(after: Timers['after'], ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const settle = (): void => {
      cancel()
      signal.removeEventListener('abort', settle)
      resolve()
    }
    const cancel = after(ms, settle)
    signal.addEventListener('abort', settle, { once: true })
  })
}

export interface Deadline {
  readonly after: Timers['after']
  readonly ms: number
  /** Aborts with it as well. */
  readonly outer?: AbortSignal | undefined
}

/** Runs `act` with a signal that aborts after `ms` or with `outer`, and leaves neither timer nor listener behind. */
export async function within<R>({ after, ms, outer }: Deadline, act: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const cancel = after(ms, abort)
  outer?.addEventListener('abort', abort, { once: true })
  if (outer?.aborted === true) abort()
  try {
    return await act(controller.signal)
  } finally {
    cancel()
    outer?.removeEventListener('abort', abort)
  }
}

/** What others may wait for as well, as far as it comes before the signal aborts. @throws the reason of the signal */
export async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([shared, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
