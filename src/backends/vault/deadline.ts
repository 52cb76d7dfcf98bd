/** Runs `act` with a signal that aborts after `ms` or with `outer`, and leaves neither timer nor listener behind. */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = (): void => controller.abort(outer.reason)
  const timer = setTimeout(() => controller.abort(new DeadlineError()), ms)
  outer.addEventListener('abort', abort, { once: true })
  if (outer.aborted) abort()
  try {
    return await act(controller.signal)
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', abort)
  }
}

/** The time for a call is over. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly code = 'ETIMEDOUT'
}

/** What many may wait for, as far as one of them does: it goes on when that one gives up. */
export async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([shared, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
