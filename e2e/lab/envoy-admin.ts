import { Client } from 'undici'
import { SECRETS } from './envoy-config.ts'

/** TLS handshakes that an Envoy has completed, in both roles. */
export interface EnvoyCount {
  readonly handshakes: number
  /** How many of them took up an earlier session, and so judged no certificate. */
  readonly resumed: number
}

/** What Envoy says of the secrets that it was given. */
export interface SecretsWord {
  /** Versions in use: one for each secret. */
  readonly versions: readonly string[]
  /** How often it would not have what it was given. */
  readonly rejected: number
}

/** @param admin `http://127.0.0.1:port` */
export async function countHandshakes(admin: string): Promise<EnvoyCount> {
  const found = await statistics(admin, '\\.ssl\\.(handshake|session_reused)$')
  const sum = (end: string): number =>
    found.reduce((total, [name, value]) => total + (name.endsWith(end) ? Number(value) : 0), 0)
  return { handshakes: sum('.handshake'), resumed: sum('.session_reused') }
}

/** @param admin `http://127.0.0.1:port` */
export async function askForSecrets(admin: string): Promise<SecretsWord> {
  const found = new Map(await statistics(admin, '^sds\\..*\\.(version_text|update_rejected)$'))
  const names = Object.values(SECRETS)
  return {
    // Texts are shown in quotes.
    versions: names.map((name) => (found.get(`sds.${name}.version_text`) ?? '').replaceAll('"', '')),
    rejected: names.reduce((total, name) => total + Number(found.get(`sds.${name}.update_rejected`) ?? 0), 0),
  }
}

async function statistics(admin: string, filter: string): Promise<readonly (readonly [name: string, value: string])[]> {
  const client = new Client(admin)
  try {
    const answer = await client.request({ method: 'GET', path: `/stats?filter=${encodeURIComponent(filter)}` })
    const lines = (await answer.body.text()).trim().split('\n')
    return lines.map((line) => {
      const at = line.lastIndexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)]
    })
  } finally {
    await client.destroy()
  }
}
