import { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { SigningError } from '../backend.ts'
import type { AwsRoleConfig } from './config.ts'
import { isSignatureFailure, isStale, readFailure } from './failure.ts'
import { type Session, SessionCache, type Sessions } from './session-cache.ts'
import { identityOf, type StsDeps, type StsPlace, sessionOf, stsClientConfig } from './sts.ts'
import { type StsContext, stsError } from './sts-errors.ts'

export interface RoleSource {
  /** Whose sessions assume the role. */
  readonly base: Sessions
  readonly role: AwsRoleConfig
  readonly place: StsPlace
}

/** Sessions of a role that others assume. */
export class RoleSessions implements Sessions {
  readonly #source: RoleSource
  readonly #deps: StsDeps
  readonly #cache: SessionCache
  readonly #context: StsContext
  #assume: (() => Promise<Session>) | undefined
  /** What the attempt that is under way signs with. */
  #used: Session | undefined

  constructor(source: RoleSource, deps: StsDeps) {
    const { roleARN } = source.role
    const { region, stsEndpoint } = source.place
    this.#source = source
    this.#deps = deps
    this.#context = { action: 'AssumeRole', roleARN, region, endpoint: stsEndpoint }
    this.#cache = new SessionCache((signal) => this.#fetch(signal), deps.services)
  }

  current(signal: AbortSignal): Promise<Session> {
    return this.#cache.current(signal)
  }

  drop(session: Session): boolean {
    return this.#cache.drop(session)
  }

  close(): void {
    this.#cache.close()
    this.#source.base.close()
  }

  async #fetch(signal: AbortSignal): Promise<Session> {
    const session = await this.#twice(signal)
    const message = `the role ${this.#source.role.roleARN} was assumed`
    this.#deps.services.report({ backend: 'AWSPrivateCA', what: 'login', message })
    return session
  }

  /** With other credentials, or with the service's clock known, the same call may fare better; once. */
  async #twice(signal: AbortSignal): Promise<Session> {
    const { base } = this.#source
    try {
      return await this.#once(signal)
    } catch (error) {
      if (error instanceof SigningError || signal.aborted) throw error
      const failure = readFailure(error)
      const anew = isStale(failure) && this.#used !== undefined && base.drop(this.#used)
      if (!anew && !isSignatureFailure(failure)) throw stsError(failure, this.#context)
    }
    try {
      return await this.#once(signal)
    } catch (error) {
      throw error instanceof SigningError || signal.aborted ? error : stsError(readFailure(error), this.#context)
    }
  }

  async #once(signal: AbortSignal): Promise<Session> {
    this.#used = await this.#source.base.current(signal)
    this.#assume ??= this.#makeAssume()
    return this.#assume()
  }

  #makeAssume(): () => Promise<Session> {
    const { role, place } = this.#source
    const provider = fromTemporaryCredentials({
      // It always counts as ended, so that the SDK asks each time and never signs with one that was dropped.
      masterCredentials: async () => ({ ...identityOf(this.#signer()), expiration: new Date(0) }),
      params: paramsOf(role),
      clientConfig: stsClientConfig(place, this.#deps.transport),
    })
    return async () => sessionOf(await provider())
  }

  #signer(): Session {
    if (this.#used === undefined) throw new Error('a role is assumed with a session')
    return this.#used
  }
}

function paramsOf({ roleARN, sessionName, externalID, durationSeconds, tags }: AwsRoleConfig) {
  return {
    RoleArn: roleARN,
    RoleSessionName: sessionName,
    ...(externalID === undefined ? {} : { ExternalId: externalID }),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    ...(tags.length === 0 ? {} : { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
  }
}
