import { requirePermission } from './access.ts'
import { AwsError, asQueryError, invalidMember } from './aws-error.ts'
import type { Credentials, Principal } from './credentials.ts'
import type { Claims, RoleOptions } from './options.ts'
import { trusts } from './trust.ts'
import { notAuthorized, readWebIdentity } from './web-identity.ts'

/** One call of STS. */
export interface StsCall {
  readonly operation: string
  /** The form fields of the query protocol. */
  readonly fields: ReadonlyMap<string, string>
  /** Undefined where the request was not signed. */
  readonly principal: Principal | undefined
  readonly now: number
}

/** A tree of elements for the answer. */
export interface XmlTree {
  readonly [name: string]: string | XmlTree
}

export interface StsParts {
  readonly roles: readonly RoleOptions[]
  readonly credentials: Credentials
  readonly random: (octets: number) => Uint8Array
  readonly checkWebIdentity?: ((claims: Claims, role: string) => string | undefined) | undefined
}

interface Wanted {
  readonly role: RoleOptions
  readonly sessionName: string
  readonly seconds: number
}

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/
const LEAST_SECONDS = 900
const DEFAULT_SECONDS = 3600
const MOST_SECONDS = 43_200
/** A session that was made with another session lasts an hour at most. */
const MOST_CHAINED_SECONDS = 3600

/** AWS STS as far as back ends use it. Errors carry the names of the query protocol. */
export class StsService {
  readonly #parts: StsParts
  readonly #roles: Map<string, RoleOptions>

  constructor(parts: StsParts) {
    this.#parts = parts
    this.#roles = new Map()
    for (const role of parts.roles) this.setRole(role)
  }

  /** Adds a role or changes it; sessions that are under way take its new permissions. */
  setRole(role: RoleOptions): void {
    this.#roles.set(role.arn, role)
    this.#parts.credentials.permit(role.arn, role.permissions)
  }

  /** @throws AwsError as the API reference of STS lists them */
  call(call: StsCall): XmlTree {
    if (call.operation === 'AssumeRoleWithWebIdentity') return this.#assumeWithWebIdentity(call)
    if (call.principal === undefined)
      throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
    const signed = { ...call, principal: call.principal }
    if (call.operation === 'AssumeRole') return this.#assume(signed)
    if (call.operation === 'GetCallerIdentity') return identityOf(signed.principal)
    throw new AwsError('InvalidAction', `Could not find operation ${call.operation} for version 2011-06-15`)
  }

  #assume({ fields, principal, now }: StsCall & { readonly principal: Principal }): XmlTree {
    const roleArn = required(fields, 'RoleArn')
    const role = this.#roles.get(roleArn)
    const externalId = optional(fields, 'ExternalId', EXTERNAL_ID)
    const sessionName = required(fields, 'RoleSessionName', SESSION_NAME)
    const tags = tagsOf(fields)
    const trusted = role !== undefined && trusts(role, principal, { externalId, sessionName, tags })
    if (!trusted) throw notAssumable(principal, roleArn)
    try {
      requirePermission(principal, { action: 'sts:AssumeRole', resource: roleArn })
    } catch (error) {
      throw error instanceof AwsError ? asQueryError(error) : error
    }
    const seconds = secondsOf(fields, role)
    if (principal.session && seconds > MOST_CHAINED_SECONDS) {
      throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
    }
    return this.#session({ role, sessionName, seconds }, now)
  }

  #assumeWithWebIdentity({ fields, now }: StsCall): XmlTree {
    const roleArn = required(fields, 'RoleArn')
    const sessionName = required(fields, 'RoleSessionName', SESSION_NAME)
    const token = required(fields, 'WebIdentityToken')
    const role = this.#roles.get(roleArn)
    if (role === undefined) throw notAuthorized()
    const claims = readWebIdentity(token, role.trust?.webIdentity, now)
    const refusal = this.#parts.checkWebIdentity?.(claims, roleArn)
    if (refusal !== undefined) throw new AwsError('InvalidIdentityToken', refusal)
    const session = this.#session({ role, sessionName, seconds: secondsOf(fields, role) }, now)
    const [aud = ''] = [claims.aud].flat().map(String)
    return { ...session, SubjectFromWebIdentityToken: String(claims.sub), Audience: aud, Provider: String(claims.iss) }
  }

  #session({ role, sessionName, seconds }: Wanted, now: number): XmlTree {
    const { credentials, random } = this.#parts
    const [, partition = '', account = '', path = ''] =
      /^arn:([a-z-]+):iam::([0-9]{12}):role\/(.+)$/.exec(role.arn) ?? []
    const arn = `arn:${partition}:sts::${account}:assumed-role/${path.split('/').at(-1)}/${sessionName}`
    const text = (octets: number) => Buffer.from(random(octets)).toString('hex').toUpperCase()
    const session = { accessKeyId: `ASIA${text(8)}`, secretAccessKey: text(20), sessionToken: `FwoG${text(48)}` }
    const expiresAt = now + seconds * 1000
    credentials.add({ ...session, arn, identity: role.arn, expiresAt })
    return {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.sessionToken,
        Expiration: new Date(expiresAt).toISOString().replace(/\.\d+/, ''),
      },
      AssumedRoleUser: { AssumedRoleId: `${uniqueId(role.arn)}:${sessionName}`, Arn: arn },
      PackedPolicySize: '0',
    }
  }
}

function identityOf({ arn, account }: Principal): XmlTree {
  return { Arn: arn, UserId: uniqueId(arn), Account: account }
}

function uniqueId(arn: string): string {
  const kind = arn.includes(':user/') ? 'AIDA' : 'AROA'
  return `${kind}${Buffer.from(arn).toString('hex').toUpperCase().slice(-16)}`
}

function tagsOf(fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {}
  for (let index = 1; fields.has(`Tags.member.${index}.Key`); index += 1) {
    tags[fields.get(`Tags.member.${index}.Key`) ?? ''] = fields.get(`Tags.member.${index}.Value`) ?? ''
  }
  return tags
}

function secondsOf(fields: ReadonlyMap<string, string>, { maxSessionSeconds = DEFAULT_SECONDS }: RoleOptions): number {
  const text = fields.get('DurationSeconds')
  const seconds = text === undefined ? DEFAULT_SECONDS : Number(text)
  if (!(seconds >= LEAST_SECONDS))
    throw member('durationSeconds', String(text), `Member must have value greater than or equal to ${LEAST_SECONDS}`)
  if (seconds > MOST_SECONDS)
    throw member('durationSeconds', String(text), `Member must have value less than or equal to ${MOST_SECONDS}`)
  if (seconds > maxSessionSeconds)
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  return seconds
}

function optional(fields: ReadonlyMap<string, string>, name: string, pattern: RegExp): string | undefined {
  return fields.has(name) ? required(fields, name, pattern) : undefined
}

function required(fields: ReadonlyMap<string, string>, name: string, pattern = /./): string {
  const value = fields.get(name)
  const where = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
  if (value === undefined) throw member(where, 'null', 'Member must not be null')
  if (!pattern.test(value))
    throw member(where, value, `Member must satisfy regular expression pattern: ${pattern.source}`)
  return value
}

function member(name: string, value: string, constraint: string): AwsError {
  return asQueryError(invalidMember(name, value, constraint))
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message)
}

function notAssumable({ arn }: Principal, role: string): AwsError {
  return new AwsError(
    'AccessDenied',
    `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
    403,
  )
}
