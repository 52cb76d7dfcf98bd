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
  // The verdict is asked for instead of enforced, because Node's own refusal hides the reason.
  const server = createServer({ ...presented(serving), requestCert: true, rejectUnauthorized: false })
  const refusalByServer = judgeCaller(server, calling.spiffeId)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const answer = await call(server, serving, calling)
    if (answer === ACCEPTED) return { ok: true }
    // Without an error of its own the client was turned away: what the server found wrong is what one wants to read.
    if (answer === '') return { ok: false, error: (await refusalByServer) ?? 'no reason given', refusedBy: 'server' }
    return { ok: false, error: answer, refusedBy: 'client' }
  } finally {
    server.close()
  }
}

const ACCEPTED = 'accepted'

function judgeCaller(server: Server, expected: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('tlsClientError', (error) => resolve(error.message))
    server.once('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => undefined)
      const unverified = socket.authorized ? undefined : String(socket.authorizationError)
      const refusal = unverified ?? mismatch(socket.getPeerCertificate(), expected)
      resolve(refusal)
      // In TLS 1.3 only an answer tells the client that its certificate was accepted.
      socket.end(refusal === undefined ? ACCEPTED : '')
    })
  })
}

/** Resolves with what the server sent ('' when it turned the client away), or with the client's own objection. */
async function call(server: Server, serving: WorkloadIdentity, calling: WorkloadIdentity): Promise<string> {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The TLS server has no port.')
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
  try {
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    return received
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return /alert|ECONNRESET/.test(message) ? '' : message
  } finally {
    socket.destroy()
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
