import type { ApiClient, Call } from '../cluster/client.ts'

/** A client that answers each call by hand and keeps what was asked. */
export function testClient(answer: (call: Call) => unknown): {
  readonly client: ApiClient
  readonly calls: readonly Call[]
} {
  const calls: Call[] = []
  const client: ApiClient = {
    request: async <T>(call: Call) => {
      calls.push(call)
      return answer(call) as T
    },
    send: async (call) => {
      calls.push(call)
      answer(call)
    },
    stream: () => {
      throw new Error('nothing is watched here')
    },
    close: async () => undefined,
  }
  return { client, calls }
}
