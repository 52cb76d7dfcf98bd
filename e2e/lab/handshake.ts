import { once } from 'node:events'
import { connect, createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls'
import type { WorkloadIdentity } from './workload.ts'

export type HandshakeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly refusedBy: 'client' | 'server' }

const DEADLINE_MS = 10_000

/**
 * A mutual TLS 1.3 handshake over loopback: each side presents its whole chain, trusts only its own root bundle, and
 * insists on the other's SPIFFE URI. `ok` only when both sides accept.
 */
export async function handshake(serving: WorkloadIdentity, calling: WorkloadIdentity): Promise<HandshakeResult> {
  const server = createServer({ ...presented(serving), requestCert: true, rejectUnauthorized: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await shake(server, serving, calling)
  } finally {
    server.close()
  }
}

async function shake(server: Server, serving: WorkloadIdentity, calling: WorkloadIdentity): Promise<HandshakeResult> {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The TLS server has no port.')
  const verdictOfServer = new Promise<string | undefined>((resolve) => {
    server.once('tlsClientError', (error) => resolve(error.message))
    server.once('secureConnection', (socket: TLSSocket) => {
      // The answer tells the client that its certificate was accepted: in TLS 1.3 it cannot know from the handshake.
      socket.on('error', () => undefined)
      resolve(mismatch(socket.getPeerCertificate(), calling.spiffeId))
      socket.end('accepted')
    })
  })
  const socket = connect({
    ...presented(calling),
    port: address.port,
    host: '127.0.0.1',
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => {
      const problem = mismatch(certificate, serving.spiffeId)
      return problem === undefined ? undefined : new Error(problem)
    },
  })
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)))
  const verdictOfClient = new Promise<string | undefined>((resolve) => {
    socket.once('error', (error) => resolve(error.message))
    socket.once('end', () => resolve(undefined))
    socket.resume()
  })
  const failure = await verdictOfClient
  socket.destroy()
  if (failure === undefined) {
    const refusal = await verdictOfServer
    return refusal === undefined ? { ok: true } : { ok: false, error: refusal, refusedBy: 'server' }
  }
  // A client that fails by an alert was refused by the server; what the server found wrong is what one wants to read.
  const byServer = /alert|ECONNRESET/.test(failure)
  return {
    ok: false,
    error: byServer ? ((await verdictOfServer) ?? failure) : failure,
    refusedBy: byServer ? 'server' : 'client',
  }
}

interface Presented {
  readonly key: string
  readonly cert: string
  readonly ca: string
  readonly minVersion: 'TLSv1.3'
}

// Istio's agent presents every element of istiod's answer but trusts only the last.
function presented({ keyPem, chain, rootPem }: WorkloadIdentity): Presented {
  return {
    key: keyPem,
    cert: [...chain, rootPem].map((pem) => `${pem.trim()}\n`).join(''),
    ca: rootPem,
    minVersion: 'TLSv1.3',
  }
}

function mismatch(certificate: PeerCertificate, expected: string): string | undefined {
  const found = certificate.subjectaltname
  return found === `URI:${expected}` ? undefined : `the peer is ${found ?? 'nobody'}, expected ${expected}`
}
