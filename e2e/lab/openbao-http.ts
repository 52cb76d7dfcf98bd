import { Client } from 'undici'

/** A refusal of the server: status, and what it says in `errors`. */
export class BaoError extends Error {
  override readonly name = 'BaoError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface BaoServer {
  /** `https://127.0.0.1:port`. */
  readonly address: string
  /** PEM of the root that the server's certificate chains to. */
  readonly caPem: string
}

export interface BaoCall {
  readonly method: 'GET' | 'LIST' | 'POST' | 'PUT' | 'DELETE'
  /** Without `/v1/`. */
  readonly path: string
  readonly token?: string
  readonly body?: object
}

/**
 * One call on a connection of its own, whatever proxies the environment names: a restart leaves no dead connection.
 * @throws BaoError on a refusal
 */
export async function callBao<T>(server: BaoServer, { method, path, token, body }: BaoCall): Promise<T> {
  const client = new Client(server.address, { connect: { ca: server.caPem } })
  try {
    const answer = await client.request({
      method,
      path: `/v1/${path}`,
      headers: {
        ...(token === undefined ? {} : { 'x-vault-token': token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 400) throw new BaoError(answer.statusCode, `${method} ${path}: ${saidIn(text)}`)
    const value: T = text === '' ? undefined : JSON.parse(text)
    return value
  } finally {
    await client.destroy()
  }
}

function saidIn(text: string): string {
  try {
    const { errors }: { readonly errors?: readonly string[] } = JSON.parse(text)
    return errors?.join('; ') || 'refused without an explanation'
  } catch {
    return 'refused without an explanation'
  }
}
