import type { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import type { Answer } from '../doctor/answer.ts'
import { type Certificate, parseCertificate } from '../pki/certificate.ts'
import { PkiError } from '../pki/error.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** The name that is asked for: `istiod.istio-system.svc`. */
  readonly serverName: string
}

const PATIENCE_MS = 10_000
/** No chain is longer; a circle would be. */
const DEEPEST = 10

/** The chain that a TLS server presents, its own certificate first. Nothing is sent, and nothing it presents is trusted. */
export function servedChain({ host, port, serverName }: Endpoint): Promise<Answer<readonly Certificate[]>> {
  return new Promise((resolve) => {
    // What is presented is what is asked about, so it is looked at and not judged here.
    const socket = connect({ host, port, servername: serverName, rejectUnauthorized: false })
    const end = (answer: Answer<readonly Certificate[]>): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PATIENCE_MS, () => end(failed(`${host}:${port} did not answer within ${PATIENCE_MS / 1000} s`)))
    socket.on('error', (error) => end(failed(`${host}:${port}: ${codeOf(error)}`)))
    socket.on('secureConnect', () => end(read(socket.getPeerX509Certificate())))
  })
}

function read(own: X509Certificate | undefined): Answer<readonly Certificate[]> {
  const chain: X509Certificate[] = []
  for (let next = own; next !== undefined && chain.length < DEEPEST; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break
    chain.push(next)
  }
  if (chain.length === 0) return failed('it presented no certificate')
  try {
    return { state: 'read', value: chain.map(({ raw }) => parseCertificate(raw)) }
  } catch (error) {
    if (error instanceof PkiError) return failed(`it presented a certificate that cannot be used: ${error.message}`)
    throw error
  }
}

function failed(message: string): Answer<never> {
  return { state: 'failed', message }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'no TLS'
}
