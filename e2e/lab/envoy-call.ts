import { Client } from 'undici'
import { CALL } from './envoy-config.ts'
import type { Answer } from './handshake.ts'

const DEADLINE_MS = 10_000

export interface EnvoyCall {
  readonly outboundPort: number
  /** Port of the callee on loopback, and the SPIFFE URI that it must have. */
  readonly port: number
  readonly callee: string
}

/** Has an Envoy call a workload, and reads what became of it from Envoy's answer. */
export async function callThroughEnvoy({ outboundPort, port, callee }: EnvoyCall): Promise<Answer> {
  const client = new Client(`http://127.0.0.1:${outboundPort}`, { headersTimeout: DEADLINE_MS })
  try {
    const headers = { [CALL.callee]: callee, [CALL.at]: `127.0.0.1:${port}` }
    const { statusCode, body } = await client.request({ method: 'GET', path: '/', headers })
    const said = await body.text()
    return statusCode === 200 ? { met: 'answer' } : metBy(said)
  } finally {
    await client.destroy()
  }
}

/** @param said `FLAGS reason`, with underscores for blanks, as envoy-config.ts has it */
function metBy(said: string): Answer {
  const objection = /CERTIFICATE_VERIFY_FAILED:(?:verify_cert_failed:_)?(.*?):TLS_error_end/.exec(said)?.[1]
  if (objection !== undefined) return { met: 'objection', error: objection.replaceAll('_', ' ') }
  const alert = /[A-Z0-9_]*_ALERT_[A-Z_]*/.exec(said)?.[0]
  if (alert !== undefined) return { met: 'closed-door', alert }
  // Node's server hangs up without an alert.
  if (/^U[CR] /.test(said)) return { met: 'closed-door' }
  throw new Error(`Envoy could not make the call: ${said}`)
}
