import { nodePeer } from './node-peer.ts'
import type { WorkloadIdentity } from './workload.ts'

export type HandshakeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly refusedBy: 'client' | 'server' }

/** What a caller meets: an answer, a server that it refuses itself, or one that turns it away. */
export type Answer =
  | { readonly met: 'answer' }
  | { readonly met: 'objection'; readonly error: string }
  | { readonly met: 'closed-door'; readonly alert?: string }

/** A port that waits for one caller. */
export interface Serving {
  readonly port: number
  /** What was wrong with a caller that was turned away, where this stack tells of it. */
  readonly refusal: () => Promise<string | undefined>
  readonly close: () => void
}

/**
 * A workload with a TLS stack. It presents its whole chain, trusts only its own root bundle, insists on the other's
 * SPIFFE URI, and resumes no session.
 */
export interface Peer {
  readonly spiffeId: string
  /** Opens a port on loopback for the workload `caller`. */
  readonly serve: (caller: string) => Promise<Serving>
  /** Calls a port on loopback, where it expects the workload `callee`. */
  readonly call: (port: number, callee: string) => Promise<Answer>
}

/** A mutual TLS 1.3 handshake over loopback, and one request over it. `ok` only when both sides accept. */
export async function shakeHands(server: Peer, client: Peer): Promise<HandshakeResult> {
  const serving = await server.serve(client.spiffeId)
  try {
    const answer = await client.call(serving.port, server.spiffeId)
    if (answer.met === 'answer') return { ok: true }
    if (answer.met === 'objection') return { ok: false, error: answer.error, refusedBy: 'client' }
    // What the server found wrong is what one wants to read.
    const error = (await serving.refusal()) ?? answer.alert ?? 'no reason given'
    return { ok: false, error, refusedBy: 'server' }
  } finally {
    serving.close()
  }
}

/** The same between two workloads with Node's TLS. */
export function handshake(serving: WorkloadIdentity, calling: WorkloadIdentity): Promise<HandshakeResult> {
  return shakeHands(nodePeer(serving), nodePeer(calling))
}
