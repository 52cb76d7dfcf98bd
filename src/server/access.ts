import { createHash } from 'node:crypto'

/** What is said of whoever holds a token. */
export type Verdict = 'allowed' | 'forbidden' | 'unknown'

export interface AccessDeps {
  /** Asks the cluster; rejects where it cannot be asked. */
  readonly review: (token: string) => Promise<Verdict>
  /** Told why the cluster could not be asked. */
  readonly failed: (error: unknown) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** `unavailable`: nobody could be asked, so nobody is let in. */
export type Admission = Verdict | 'unavailable'

interface Known {
  readonly verdict: Verdict
  readonly until: number
}

/** How long a verdict counts: short, so that a right taken away is gone soon. */
const KNOWN_MS = 10_000
const MOST_KNOWN = 1000
/** At a time: whoever sends tokens at random shall not keep the API server busy. */
const MOST_REVIEWS = 8
/** RFC 6750 2.1 */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/** Judges the header Authorization of a request. Tokens are kept as hashes only, for ten seconds. */
export class Access {
  readonly #deps: AccessDeps
  readonly #known = new Map<string, Known>()
  readonly #running = new Map<string, Promise<Admission>>()

  constructor(deps: AccessDeps) {
    this.#deps = deps
  }

  /** Never rejects. */
  async admit(authorization: string | undefined): Promise<Admission> {
    const token = BEARER.exec(authorization ?? '')?.[1]
    if (token === undefined) return 'unknown'
    const hash = createHash('sha256').update(token).digest('base64')
    const known = this.#known.get(hash)
    if (known !== undefined && known.until > this.#deps.now()) return known.verdict
    const running = this.#running.get(hash)
    if (running !== undefined) return running
    if (this.#running.size >= MOST_REVIEWS) return 'unavailable'
    const review = this.#review(hash, token).finally(() => this.#running.delete(hash))
    this.#running.set(hash, review)
    return review
  }

  async #review(hash: string, token: string): Promise<Admission> {
    try {
      const verdict = await this.#deps.review(token)
      this.#keep(hash, { verdict, until: this.#deps.now() + KNOWN_MS })
      return verdict
    } catch (error) {
      this.#deps.failed(error)
      return 'unavailable'
    }
  }

  #keep(hash: string, known: Known): void {
    this.#known.delete(hash)
    this.#known.set(hash, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
  }
}
