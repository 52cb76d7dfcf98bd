import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { isObject, readText } from '../api/read.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { ApiError } from './errors.ts'

/** What the connection is made with. */
export interface TlsOptions {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface Credentials {
  readonly tls: TlsOptions
  /** Equal for equal TLS options. */
  readonly identity: string
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Reads the credentials of the current context as they are now: files, exec plug-ins and tokens.
 * @throws ApiError with reason Credentials; its message names no value and not what a plug-in printed
 */
export async function readCredentials(access: ClusterAccess): Promise<Credentials> {
  const options: RequestOptions = {}
  try {
    await access.applyToHTTPSOptions(options)
    const tls = tlsOptions(options)
    const token = await readTokenFile(access)
    const headers = {
      ...textHeaders(options.headers),
      ...(typeof options.auth === 'string' && {
        Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}`,
      }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    }
    return { tls, identity: identityOf(tls), headers }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    const message = `the credentials of the kubeconfig cannot be read (${code}); check its files and plug-ins`
    throw new ApiError(0, 'Credentials', message, { cause, code })
  }
}

/** client-node keeps a token for 60 s, also one that has just been refused, so it is read past it. */
async function readTokenFile(access: ClusterAccess): Promise<string | undefined> {
  const provider: unknown = access.getCurrentUser()?.authProvider
  const config = isObject(provider) ? provider.config : undefined
  const file = isObject(config) ? readText(config.tokenFile) : undefined
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim()
}

function tlsOptions({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsOptions {
  return {
    ...(isPem(ca) && { ca }),
    ...(isPem(cert) && { cert }),
    ...(isPem(key) && { key }),
    ...(typeof servername === 'string' && { servername }),
    ...(rejectUnauthorized === false && { rejectUnauthorized }),
  }
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

function identityOf(tls: TlsOptions): string {
  const hash = createHash('sha256')
  for (const value of [tls.ca, tls.cert, tls.key, tls.servername, String(tls.rejectUnauthorized)]) {
    const bytes = Buffer.from(value ?? '')
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex')
}

function textHeaders(headers: unknown): Readonly<Record<string, string>> {
  const entries = isObject(headers) ? Object.entries(headers) : []
  // A token read from a file may end in a newline, which no header can carry.
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value.trim()]] : [])),
  )
}
