import type { ApiClient } from './client.ts'

/** The client of whoever acts: nothing is written through it once `mayAct` says no. */
export function fencedClient(client: ApiClient, mayAct: () => boolean): ApiClient {
  return {
    request: (call) => client.request(call.method === 'GET' ? call : { ...call, mayAct }),
    send: (call) => client.send({ ...call, mayAct }),
    stream: (call) => client.stream(call),
    close: () => client.close(),
  }
}
