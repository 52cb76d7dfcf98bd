import { type Closable, type OpenedBackend, SigningError } from './backend.ts'

/**
 * The same back end, whose closing lets calls under way come to their end: what they still need, a login or another
 * connection for a repeat, is there until then. Each call has limits of its own, so that the wait has one.
 */
export function closedAfterCalls<T extends OpenedBackend & Closable>(backend: T): T {
  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  const counted = async <R>(call: Promise<R>): Promise<R> => {
    underWay.add(call)
    try {
      return await call
    } finally {
      underWay.delete(call)
    }
  }
  const taken = async <R>(call: () => Promise<R>): Promise<R> => {
    if (closing !== undefined) throw closedError()
    return counted(call())
  }
  const end = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.allSettled(underWay)
    await backend.close()
  }
  const { discard } = backend
  return {
    ...backend,
    check: (signal) => taken(() => backend.check(signal)),
    sign: (request, signal) => taken(() => backend.sign(request, signal)),
    ...(discard === undefined ? {} : { discard: (certificate) => counted(discard(certificate)) }),
    close: () => {
      closing ??= end()
      return closing
    },
  }
}

/** Nothing was sent; the issuer has another back end by now. */
export function closedError(): SigningError {
  return new SigningError('retry', 'backend-closed', 'the back end was closed; its successor signs')
}
