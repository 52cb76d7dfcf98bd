import { content, DONE, type FakeAnswer, oneError, Refusal } from './answer.ts'
import type { Body } from './order.ts'

/** Capabilities by path, or everything. */
export type Rights = 'root' | Readonly<Record<string, readonly string[]>>

/** A token that exists at the fake. Durations are seconds. */
export interface FakeToken {
  readonly token: string
  rights: Rights
  /** How long it is good from its last renewal; 0 = for ever. */
  readonly ttl: number
  readonly renewable: boolean
  readonly batch?: boolean
  /** Whether it lacks the policy `default`, and so may not look at itself. */
  readonly bare?: boolean
  /** Epoch milliseconds. */
  expiresAt: number
}

/** A way to log in: what it asks for, and what it gives. */
export interface FakeLogin {
  /** Such as `auth/approle/login`. */
  readonly path: string
  readonly accepts: (body: Body) => boolean
  rights: Rights
  readonly ttl: number
  readonly renewable?: boolean
  readonly batch?: boolean
}

/** Logins and tokens of the fake. */
export class FakeAccess {
  readonly tokens = new Map<string, FakeToken>()
  readonly logins: FakeLogin[] = []
  /** Tokens that were given up with revoke-self, in order. */
  readonly revoked: string[] = []
  readonly #now: () => number
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  add(change: Partial<FakeToken> & Pick<FakeToken, 'token' | 'rights'>): FakeToken {
    const ttl = change.ttl ?? 0
    const made = { ttl, renewable: false, ...change, expiresAt: ttl === 0 ? Infinity : this.#now() + ttl * 1000 }
    this.tokens.set(made.token, made)
    return made
  }

  login(path: string, body: Body): FakeAnswer {
    const login = this.logins.find((one) => one.path === path)
    if (login === undefined) throw new Refusal(403, 'permission denied')
    if (!login.accepts(body)) throw new Refusal(400, 'invalid role or secret ID')
    const { rights, ttl, renewable = true, batch = false } = login
    const token = this.add({ token: `s.login-${this.#count++}`, rights, ttl, renewable, batch })
    return content({ auth: authOf(token) })
  }

  /** @throws Refusal where there is no such token, or no more */
  known(token: string | undefined): FakeToken {
    const found = token === undefined ? undefined : this.tokens.get(token)
    if (found === undefined || found.expiresAt <= this.#now()) throw new Refusal(403, 'permission denied')
    return found
  }

  /** The paths by which a token deals with itself; undefined for others. */
  self(call: string, token: FakeToken, body: Body): FakeAnswer | undefined {
    const act = this.#selves[call]
    if (act === undefined) return undefined
    if (token.bare === true) throw new Refusal(403, oneError('permission denied'))
    return act(token, body)
  }

  readonly #selves: Readonly<Record<string, (token: FakeToken, body: Body) => FakeAnswer>> = {
    'GET auth/token/lookup-self': (token) => {
      const ttl = token.ttl === 0 ? 0 : Math.floor((token.expiresAt - this.#now()) / 1000)
      return content({ data: { id: token.token, ttl, renewable: token.renewable } })
    },
    'POST auth/token/renew-self': (token) => {
      if (!token.renewable) throw new Refusal(400, 'lease is not renewable')
      token.expiresAt = this.#now() + token.ttl * 1000
      return content({ auth: authOf(token) })
    },
    'POST auth/token/revoke-self': (token) => {
      if (token.batch === true) throw new Refusal(400, 'batch tokens cannot be revoked')
      this.tokens.delete(token.token)
      this.revoked.push(token.token)
      return DONE
    },
    'POST sys/capabilities-self': ({ rights }, { paths }) => {
      const named = Array.isArray(paths) ? paths.map(String) : []
      const data = Object.fromEntries(named.map((path) => [path, capabilities(rights, path)]))
      const body = content({ data }).body
      return { status: 200, body: { ...body, ...data } }
    },
  }
}

export function capabilities(rights: Rights, path: string): readonly string[] {
  return rights === 'root' ? ['root'] : (rights[path] ?? ['deny'])
}

function authOf({ token, ttl, renewable, batch }: FakeToken): object {
  return {
    client_token: token,
    lease_duration: ttl,
    renewable,
    token_type: batch === true ? 'batch' : 'service',
    mfa_requirement: null,
  }
}
