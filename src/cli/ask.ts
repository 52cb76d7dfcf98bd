import type { ApiClient } from '../cluster/client.ts'
import { ApiError } from '../cluster/errors.ts'
import type { Answer } from '../doctor/answer.ts'

export interface Question<T> {
  readonly path: string
  /** What a role must grant for it. */
  readonly right: string
  /** Undefined: it is not what was asked for. */
  readonly read: (object: unknown) => T | undefined
  /** Sent with POST; for the questions that have a body. */
  readonly body?: unknown
}

/** Asks the API server, with the caller's own rights; nothing is thrown for what it refuses or does not have. */
export async function ask<T>(client: ApiClient, { path, right, read, body }: Question<T>): Promise<Answer<T>> {
  try {
    const call = body === undefined ? ({ method: 'GET', path } as const) : ({ method: 'POST', path, body } as const)
    const value = read(await client.request<unknown>(call))
    return value === undefined
      ? { state: 'failed', message: `the answer to ${path} is not what it should be` }
      : { state: 'read', value }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 404) return { state: 'absent' }
    if (error.status === 403) return { state: 'forbidden', right }
    return { state: 'failed', message: error.message }
  }
}
