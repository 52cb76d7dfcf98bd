import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

export interface FakeProxyOptions {
  /** Where every call is led to on this machine; the port that was asked for where absent. */
  readonly port?: number
  /** Answered instead of a tunnel. */
  readonly refusal?: string
}

/** A proxy that makes tunnels, and leads all of them to this machine. */
export interface FakeProxy {
  readonly url: string
  /** What it was asked to connect to, and with which credentials. */
  readonly asked: readonly (readonly [authority: string, credentials: string | undefined])[]
}

export async function startFakeProxy(
  context: { readonly after: (act: () => void) => void },
  { port, refusal }: FakeProxyOptions = {},
): Promise<FakeProxy> {
  const asked: (readonly [string, string | undefined])[] = []
  const ends = new Set<Duplex>()
  const lead = ({ url = '', headers }: IncomingMessage, socket: Duplex): void => {
    asked.push([url, headers['proxy-authorization']])
    ends.add(socket)
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`)
      return
    }
    const tunnel = connect(port ?? Number(url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      tunnel.pipe(socket).pipe(tunnel)
    })
    ends.add(tunnel)
    tunnel.on('error', () => socket.destroy())
    socket.on('error', () => tunnel.destroy())
  }
  const server = createServer().on('connect', lead)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
