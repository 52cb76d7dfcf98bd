import type { BackendServices } from '../services.ts'

/** What calls are signed with. */
export interface Session {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** Epoch milliseconds; absent = they do not end. */
  readonly expiresAt?: number
}

/** Where sessions come from. */
export interface Sessions {
  /**
   * A session that has not ended.
   * @throws SigningError
   */
  current(signal: AbortSignal): Promise<Session>
  /** AWS does not take this one any more. @returns whether another can be had */
  drop(session: Session): boolean
  /** What is being fetched is of no use any more. */
  close(): void
}

/** Keys that were given and cannot be had anew. */
export function fixedSession(session: Session): Sessions {
  return { current: async () => session, drop: () => false, close: () => undefined }
}

/** Milliseconds of a clock that never goes back, since that of the wall may be wrong or be set. */
interface Kept {
  readonly session: Session
  /** From here on another is fetched. */
  readonly renewAt: number
  /** From here on this one is of no use. */
  readonly endsAt: number
}

/** How long before its end a session is renewed, where it lives long enough. */
const MARGIN_MS = 300_000
/** A session is used for so long at least, however wrong our clock: AWS says when it has ended. */
const LEAST_MS = 60_000
/** After a failure the next attempt waits, or every request would make one. */
const PAUSE_MS = 5000

/**
 * Keeps one session and renews it in time: five minutes before its end, or after half of its life where that is short. What
 * hangs or fails then holds up nobody before the end.
 */
export class SessionCache implements Sessions {
  readonly #fetch: (signal: AbortSignal) => Promise<Session>
  readonly #services: Pick<BackendServices, 'now' | 'monotonic'>
  readonly #stop = new AbortController()
  #kept: Kept | undefined
  #fetching: Promise<Session> | undefined
  #failed: { readonly error: unknown; readonly at: number } | undefined

  constructor(fetch: (signal: AbortSignal) => Promise<Session>, services: Pick<BackendServices, 'now' | 'monotonic'>) {
    this.#fetch = fetch
    this.#services = services
  }

  async current(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted()
    const now = this.#services.monotonic()
    const kept = this.#kept
    if (kept === undefined || now >= kept.endsAt) return abortable(this.#renewed(), signal)
    // Nobody waits for the next one while this one lives; its failure is told once it is needed.
    if (now >= kept.renewAt) this.#renewed().catch(() => undefined)
    return kept.session
  }

  drop(session: Session): boolean {
    if (this.#kept?.session === session) this.#kept = undefined
    return true
  }

  close(): void {
    this.#stop.abort()
    this.#kept = undefined
  }

  #lasting(session: Session): Kept {
    const { now, monotonic } = this.#services
    const { expiresAt = Number.POSITIVE_INFINITY } = session
    const lifeMs = Math.max(LEAST_MS, expiresAt - now())
    const endsAt = monotonic() + lifeMs
    return { session, endsAt, renewAt: endsAt - Math.min(MARGIN_MS, lifeMs / 2) }
  }

  /** One at a time, whoever asks. */
  #renewed(): Promise<Session> {
    const failed = this.#failed
    if (failed !== undefined && this.#services.monotonic() - failed.at < PAUSE_MS) return Promise.reject(failed.error)
    this.#fetching ??= this.#renew().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #renew(): Promise<Session> {
    try {
      const session = await this.#fetch(this.#stop.signal)
      this.#stop.signal.throwIfAborted()
      this.#failed = undefined
      this.#kept = this.#lasting(session)
      return session
    } catch (error) {
      this.#failed = { error, at: this.#services.monotonic() }
      throw error
    }
  }
}

/** Several wait for the same; each can stop waiting. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
