import type { ApiClient } from './client.ts'
import { ApiError } from './errors.ts'

/**
 * The client of whoever acts: nothing is written through it once `mayAct` says no. A process that stood still while its Lease
 * ran out goes on in the middle of its work, a moment before it learns that it leads no more.
 */
export function fencedClient(client: ApiClient, mayAct: () => boolean): ApiClient {
  return {
    request: async (call) => {
      if (call.method === 'GET' || mayAct()) return client.request(call)
      throw new ApiError(0, 'NotLeading', 'this process holds the Lease no more, and leaves it to whoever does')
    },
    stream: (call) => client.stream(call),
    close: () => client.close(),
  }
}
