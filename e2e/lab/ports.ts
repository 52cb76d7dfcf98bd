import { createServer, type Server } from 'node:net'

// Below the kernel's range for outgoing connections, so that nobody takes the port of a server that is being restarted.
const LOWEST = 20_000
const HIGHEST = 32_000
const TRIES = 200

/** Picks `count` different loopback ports that are free now; start the servers at once. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = []
  const ports: number[] = []
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries === TRIES) throw new Error(`Found no ${count} free ports between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`)
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    const server = await hold(port)
    if (server === undefined) continue
    held.push(server)
    ports.push(port)
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** One free loopback port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  if (port === undefined) throw new Error('Found no free port on 127.0.0.1.')
  return port
}

function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}
