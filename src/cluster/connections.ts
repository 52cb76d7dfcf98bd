import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { ClusterAccess } from './cluster-access.ts'
import { readCredentials, type TlsOptions } from './credentials.ts'

/** Connections for calls; more brought nothing against a real API server. */
const POOL = 8
/** TCP keep-alive, ahead of the idle timeouts of load balancers; as client-go has it. */
const KEEP_ALIVE_PROBE_MS = 30_000
/** How long an idle connection is kept for the next call, or for the next watch. */
const IDLE_MS = 60_000

/** One set of connections, made with one set of certificates. */
export interface Pools {
  readonly headers: Readonly<Record<string, string>>
  readonly calls: Dispatcher
  readonly watches: Dispatcher
}

interface Current extends Pools {
  readonly readAt: number
  readonly identity: string
}

export interface ConnectionsOptions {
  readonly access: ClusterAccess
  readonly now: () => number
  /** How long files of tokens and certificates are taken as read. */
  readonly credentialsMs: number
}

/**
 * Pools that follow the credentials: a new token is a new header, new certificates are new pools, and the old ones end when
 * their last request has. client-node would open a connection for each request instead (its createDispatcher).
 */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #pools = new Set<Dispatcher>()
  #current: Current | undefined
  #reading: Promise<Current> | undefined
  #expired = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  /** @throws ApiError with reason Credentials, where they cannot be read and none are known that may still be good */
  async pools(): Promise<Pools> {
    const { now, credentialsMs } = this.#options
    const known = this.#current
    if (known !== undefined && !this.#expired && now() - known.readAt < credentialsMs) return known
    this.#reading ??= this.#read(known).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** The server has refused the credentials: they are read again before the next request. */
  expire(): void {
    this.#expired = true
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools].map((pool) => pool.destroy()))
  }

  async #read(before: Current | undefined): Promise<Current> {
    const { access, now } = this.#options
    try {
      const { headers, tls, identity } = await readCredentials(access)
      this.#expired = false
      this.#current =
        before?.identity === identity
          ? { ...before, headers, readAt: now() }
          : { headers, identity, readAt: now(), calls: this.#open(tls, POOL), watches: this.#open(tls, null) }
    } catch (error) {
      // Files are missing for a moment while they are replaced.
      if (before === undefined || this.#expired) throw error
      this.#current = { ...before, readAt: now() }
    }
    if (before !== undefined && before.calls !== this.#current.calls) this.#retire(before)
    return this.#current
  }

  #open(tls: TlsOptions, connections: number | null): Dispatcher {
    const proxy = this.#options.access.getCurrentCluster()?.proxyUrl
    const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS }
    const common = { connections, allowH2: false, keepAliveTimeout: IDLE_MS }
    const pool =
      proxy === undefined || proxy === null || proxy === ''
        ? new Agent({ ...common, connect })
        : new ProxyAgent({ ...common, uri: proxy, requestTls: tls })
    this.#pools.add(pool)
    return pool
  }

  #retire({ calls, watches }: Current): void {
    for (const pool of [calls, watches]) {
      const forget = (): boolean => this.#pools.delete(pool)
      pool.close().then(forget, forget)
    }
  }
}
