import { once } from 'node:events'
import { connect, createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls'
import type { Answer, Peer, Serving } from './handshake.ts'
import { presentedPem, type WorkloadIdentity } from './workload.ts'

const DEADLINE_MS = 10_000
const REQUEST = 'GET / HTTP/1.1\r\nhost: peer\r\nconnection: close\r\n\r\n'
const ANSWERED = 'HTTP/1.1 200 OK\r\n'
const RESPONSE = `${ANSWERED}content-length: 0\r\nconnection: close\r\n\r\n`

/** A workload with Node's TLS, which is OpenSSL. */
export function nodePeer(identity: WorkloadIdentity): Peer {
  return {
    spiffeId: identity.spiffeId,
    serve: (caller) => serve(identity, caller),
    call: (port, callee) => call(identity, port, callee),
  }
}

async function serve(identity: WorkloadIdentity, caller: string): Promise<Serving> {
  // The verdict is asked for instead of enforced, because Node's own refusal hides the reason.
  const server = createServer({ ...presented(identity), requestCert: true, rejectUnauthorized: false })
  const refusal = judgeCaller(server, caller)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The TLS server has no port.')
  return { port: address.port, refusal: () => refusal, close: () => server.close() }
}

function judgeCaller(server: Server, expected: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('tlsClientError', (error) => resolve(error.message))
    server.once('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => undefined)
      const unverified = socket.authorized ? undefined : String(socket.authorizationError)
      const refusal = unverified ?? mismatch(socket.getPeerCertificate(), expected)
      resolve(refusal)
      // In TLS 1.3 only an answer tells the client that its certificate was accepted.
      if (refusal === undefined) socket.once('data', () => socket.end(RESPONSE))
      else socket.end()
    })
  })
}

async function call(identity: WorkloadIdentity, port: number, callee: string): Promise<Answer> {
  const socket = connect({
    ...presented(identity),
    port,
    host: '127.0.0.1',
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => {
      const problem = mismatch(certificate, callee)
      return problem === undefined ? undefined : new Error(problem)
    },
  })
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)))
  socket.once('secureConnect', () => socket.write(REQUEST))
  try {
    let received = ''
    for await (const chunk of socket) {
      received += String(chunk)
      // Not until its end: Envoy leaves that to the client for a second.
      if (received.startsWith(ANSWERED)) return { met: 'answer' }
    }
    return { met: 'closed-door' }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const alert = /alert [a-z ]+/.exec(message)?.[0]
    if (alert !== undefined) return { met: 'closed-door', alert }
    // Without an error of its own the client was turned away.
    return /ECONNRESET|EPIPE/.test(message) ? { met: 'closed-door' } : { met: 'objection', error: message }
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

function presented(identity: WorkloadIdentity): Presented {
  return { key: identity.keyPem, cert: presentedPem(identity), ca: identity.rootPem, minVersion: 'TLSv1.3' }
}

function mismatch(certificate: PeerCertificate, expected: string): string | undefined {
  const found = certificate.subjectaltname
  return found === `URI:${expected}` ? undefined : `the peer is ${found ?? 'nobody'}, expected ${expected}`
}
