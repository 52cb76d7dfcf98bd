import { SigningError } from '../backends/backend.ts'
import { systemAfter, type Timers, within } from '../cluster/timers.ts'

export interface PkiLimit {
  /** Aborts the call as well. */
  readonly signal: AbortSignal
  /** How long the PKI may take, milliseconds. */
  readonly ms: number
  readonly after?: Timers['after']
}

/**
 * Calls a PKI, and gives up when it takes too long.
 * @throws SigningError `pki-timeout`, so that the wait is told like every other; else what the call throws
 */
export async function callPki<T>(limit: PkiLimit, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal: outer, ms, after = systemAfter } = limit
  let late = false
  const lateAfter: Timers['after'] = (delay, act) =>
    after(delay, () => {
      late = true
      act()
    })
  try {
    return await within({ after: lateAfter, ms, outer }, call)
  } catch (error) {
    if (!late || outer.aborted || error instanceof SigningError) throw error
    throw new SigningError('retry', 'pki-timeout', `the PKI did not answer within ${ms / 1000} s`, { cause: error })
  }
}
