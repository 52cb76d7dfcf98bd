import { SigningError } from '../backend.ts'
import type { VaultClient } from './client.ts'
import type { VaultConfig } from './config.ts'
import { type JsonRecord, readText } from './json.ts'
import { serverOf } from './words.ts'

/** Whose health is asked. */
export interface HealthContext {
  readonly config: VaultConfig
  readonly client: VaultClient
  readonly signal: AbortSignal
}

/** The answers of sys/health that are no 200 by themselves. */
const HEALTH_QUERY = {
  standbycode: '200',
  perfstandbycode: '200',
  drsecondarycode: '200',
  sealedcode: '200',
  uninitcode: '200',
}

/** What sys/health makes of an error that says only that the server could not answer. */
export async function withHealth(context: HealthContext, error: SigningError): Promise<SigningError> {
  const body = await readHealth(context)
  const state = body === undefined ? undefined : stateOf(body)
  if (state === undefined) return error
  return new SigningError('retry', state.code, `${serverOf(context.config)} ${state.words}`, { cause: error.cause })
}

/**
 * Vault's Community Edition does not look at the header that names a namespace, and would sign in its only one. It shows its
 * health whatever the header says: OpenBao does so outside of namespaces only, and Enterprise says what it is.
 * @throws SigningError
 */
export async function refuseIgnoredNamespace(context: HealthContext): Promise<void> {
  const { config } = context
  if (config.namespace === undefined) return
  const body = await readHealth(context)
  if (body?.initialized !== true || body.sealed !== false || isEnterprise(body)) return
  throw new SigningError(
    'recheck-issuer',
    'namespaces-ignored',
    `${serverOf(config)} has no namespaces, and would sign outside of ${config.namespace}; leave vault.namespace out, or name a server that has it`,
    { part: 'CredentialsReady' },
  )
}

/** Undefined where it could not be had. */
async function readHealth({ client, signal }: HealthContext): Promise<JsonRecord | undefined> {
  try {
    return (await client.call({ method: 'GET', path: 'sys/health', query: HEALTH_QUERY }, signal)).body
  } catch {
    return undefined
  }
}

function isEnterprise({ enterprise, version }: JsonRecord): boolean {
  return enterprise === true || (readText(version) ?? '').includes('+ent')
}

function stateOf({ initialized, sealed, standby }: JsonRecord): { code: string; words: string } | undefined {
  if (initialized === false) return { code: 'server-uninitialised', words: 'is not initialised; initialise it' }
  if (sealed === true) return { code: 'server-sealed', words: 'is sealed; unseal it' }
  if (standby === true) return { code: 'server-standby', words: 'is a standby without an active node' }
  return undefined
}
