import type { Dispatcher } from 'undici'

/** The code of a call that was not sent, since its process may not act any more. */
export const NOT_LEADING = 'NOT_LEADING'

export class NotLeadingError extends Error {
  override readonly name = 'NotLeadingError'
  readonly code = NOT_LEADING

  constructor() {
    super('this process holds the Lease no more, and leaves it to whoever does')
  }
}

/**
 * Sends nothing any more once `mayAct` says no. Asked when a connection takes a call: it may have waited for one, and a
 * process that stood still meanwhile goes on with it before it learns that another acts.
 */
export function fence(mayAct: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        if (!mayAct()) throw new NotLeadingError()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...answer) => handler.onRequestUpgrade?.(...answer),
      onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
      onResponseData: (...answer) => handler.onResponseData?.(...answer),
      onResponseEnd: (...answer) => handler.onResponseEnd?.(...answer),
      onResponseError: (...answer) => handler.onResponseError?.(...answer),
    })
}
