import { AwsError } from './aws-error.ts'
import type { CredentialOptions, Permission } from './options.ts'

/** Who calls. */
export interface Principal {
  /** Of the user or of the assumed role. */
  readonly arn: string
  /** 12 digits. */
  readonly account: string
  readonly accessKeyId: string
  /** Whether temporary credentials were used. */
  readonly session: boolean
  /** Undefined = everything. */
  readonly permissions: readonly Permission[] | undefined
}

export interface KeyHolder extends CredentialOptions {
  readonly principal: Principal
}

/** Access keys, long-lived and temporary, and what the identities behind them may do. */
export class Credentials {
  readonly #keys = new Map<string, CredentialOptions>()
  readonly #permissions = new Map<string, readonly Permission[]>()

  add(...credentials: readonly CredentialOptions[]): void {
    for (const one of credentials) {
      this.#keys.set(one.accessKeyId, one)
      if (one.permissions !== undefined) this.permit(one.identity ?? one.arn, one.permissions)
    }
  }

  remove(accessKeyId: string): void {
    this.#keys.delete(accessKeyId)
  }

  /** Changes what a user or role may do, sessions of it that are under way included; undefined = everything. */
  permit(identity: string, permissions: readonly Permission[] | undefined): void {
    if (permissions === undefined) this.#permissions.delete(identity)
    else this.#permissions.set(identity, permissions)
  }

  /** Lets all temporary credentials end now. */
  endSessions(now: number): void {
    for (const one of this.#keys.values()) {
      if (one.sessionToken !== undefined) this.#keys.set(one.accessKeyId, { ...one, expiresAt: now })
    }
  }

  /** @throws AwsError `UnrecognizedClientException`, `ExpiredTokenException` */
  find(accessKeyId: string, sessionToken: string | undefined, now: number): KeyHolder {
    const found = this.#keys.get(accessKeyId)
    if (found === undefined || found.sessionToken !== sessionToken) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.')
    }
    if (found.expiresAt !== undefined && now >= found.expiresAt) {
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired')
    }
    const { arn, identity = arn } = found
    const [, account = ''] = /^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):/.exec(arn) ?? []
    const permissions = this.#permissions.get(identity)
    return { ...found, principal: { arn, account, accessKeyId, session: sessionToken !== undefined, permissions } }
  }
}
