import type { ConnectionOptions as Tls } from 'node:tls'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import type { OutboundProxy } from './services.ts'

type TlsOptions = Pick<Tls, 'ca' | 'cert' | 'key' | 'servername' | 'checkServerIdentity'>

/** What bounds and secures connections; `connect` is TLS with the service itself, behind a proxy as well. */
export interface ConnectionOptions
  extends Pick<
    Agent.Options,
    'connections' | 'headersTimeout' | 'bodyTimeout' | 'maxResponseSize' | 'keepAliveTimeout' | 'pipelining'
  > {
  readonly connect: TlsOptions & { readonly timeout: number }
}

/** Who asks, as a service's own log says it (CloudTrail's `userAgent`). */
export const USER_AGENT = 'mesh-ca-issuer'

/** How codes of a proxy begin that did not let a call through: nothing was sent. */
export const PROXY_CODE = /^(?:PROXY_\d|UND_ERR_PRX_)/

/** `PROXY_403` where a proxy answered that instead of letting a call through; undefined for what has a code of its own. */
export function proxyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const [, status] = /^Proxy response \((\d{3})\)/.exec(error.message) ?? []
  return status === undefined ? proxyCode(error.cause) : `PROXY_${status}`
}

/** Connections to a service, kept open: straight, or through a proxy as the settings have it and nobody else. */
export function openConnections(options: ConnectionOptions, proxy: OutboundProxy | undefined): Dispatcher {
  const all = { ...options, allowH2: false }
  if (proxy === undefined) return new Agent(all)
  // Each of its options that is left out it would look for in the environment.
  const where = { httpProxy: '', httpsProxy: proxy.url, noProxy: proxy.except }
  return new EnvHttpProxyAgent({
    ...all,
    ...where,
    requestTls: options.connect,
    connectTimeout: options.connect.timeout,
  })
}
