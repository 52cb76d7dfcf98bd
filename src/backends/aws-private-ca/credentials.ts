import { fromNodeProviderChain, fromWebToken } from '@aws-sdk/credential-providers'
import { SigningError } from '../backend.ts'
import type { ServiceAccountTokenConfig } from '../service-account.ts'
import type { AwsPrivateCAConfig, AwsRoleConfig } from './config.ts'
import { readFailure } from './failure.ts'
import { RoleSessions } from './role-sessions.ts'
import { fixedSession, type Session, SessionCache, type Sessions } from './session-cache.ts'
import { type StsDeps, type StsPlace, sessionOf, stsClientConfig } from './sts.ts'
import { stsError } from './sts-errors.ts'

type CredentialsConfig = Pick<AwsPrivateCAConfig, 'region' | 'stsEndpoint' | 'credentials' | 'roles'>

/**
 * The sessions that an issuer calls its CA with: keys, a token or the environment, then one role after the other.
 * @throws SigningError where these cannot be combined
 */
export function openSessions(config: CredentialsConfig, deps: StsDeps): Sessions {
  const { credentials, roles } = config
  refuseLongChain(roles)
  switch (credentials.kind) {
    case 'keys': {
      const { kind: _kind, ...keys } = credentials
      return chained(fixedSession(keys), roles, { place: config, deps })
    }
    case 'ambient':
      return chained(new SessionCache(() => fromEnvironment(config, deps), deps.services), roles, {
        place: config,
        deps,
      })
    case 'web-identity': {
      const [first, ...rest] = roles
      const exchange = { account: credentials.account, role: firstRole(first), place: config, deps }
      const exchanged = new SessionCache((signal) => fromToken(exchange, signal), deps.services)
      return chained(exchanged, rest, { place: config, deps })
    }
  }
}

interface Surroundings {
  readonly place: StsPlace
  readonly deps: StsDeps
}

function chained(first: Sessions, roles: readonly AwsRoleConfig[], { place, deps }: Surroundings): Sessions {
  return roles.reduce((base, role) => new RoleSessions({ base, role, place }, deps), first)
}

/** AWS lets no session that was made with another role's live longer: one hour. */
const MOST_CHAINED_SECONDS = 3600

function refuseLongChain([, ...behind]: readonly AwsRoleConfig[]): void {
  const long = behind.find(({ durationSeconds = 0 }) => durationSeconds > MOST_CHAINED_SECONDS)
  if (long === undefined) return
  throw unfit(
    `${long.roleARN} is assumed with the session of the role before it, and AWS ends such a session after an hour: set the duration of that role in awsPrivateCA.assumeRole to 1h at most, or leave it out`,
  )
}

function firstRole(role: AwsRoleConfig | undefined): AwsRoleConfig {
  if (role === undefined)
    throw unfit("a ServiceAccount's token is exchanged for a role: name it in awsPrivateCA.assumeRole")
  if (role.externalID === undefined && role.tags.length === 0) return role
  throw unfit(
    `${role.roleARN} is assumed with a ServiceAccount's token, and STS takes neither external ID nor tags with one: remove them from the first role`,
  )
}

/** A new chain each time, and files of profiles read anew: the SDK would remember what AWS does not take any more. */
async function fromEnvironment(place: StsPlace, { transport }: StsDeps): Promise<Session> {
  const clientConfig = stsClientConfig(place, transport)
  try {
    return sessionOf(await fromNodeProviderChain({ clientConfig, ignoreCache: true })())
  } catch (error) {
    throw stsError(readFailure(error), {
      action: 'AssumeRoleWithWebIdentity',
      roleARN: "the role of the controller's environment",
      region: place.region,
      endpoint: place.stsEndpoint,
    })
  }
}

interface TokenExchange extends Surroundings {
  readonly account: ServiceAccountTokenConfig
  readonly role: AwsRoleConfig
}

async function fromToken({ account, role, place, deps }: TokenExchange, signal: AbortSignal): Promise<Session> {
  const { token } = await deps.services.serviceAccountToken(account, signal)
  const exchange = fromWebToken({
    webIdentityToken: token,
    roleArn: role.roleARN,
    roleSessionName: role.sessionName,
    ...(role.durationSeconds === undefined ? {} : { durationSeconds: role.durationSeconds }),
    clientConfig: stsClientConfig(place, deps.transport),
  })
  try {
    const session = sessionOf(await exchange())
    const message = `a token was exchanged for the role ${role.roleARN}`
    deps.services.report({ backend: 'AWSPrivateCA', what: 'login', message })
    return session
  } catch (error) {
    throw stsError(readFailure(error), {
      action: 'AssumeRoleWithWebIdentity',
      roleARN: role.roleARN,
      region: place.region,
      endpoint: place.stsEndpoint,
      account: `${account.namespace}/${account.name}`,
    })
  }
}

function unfit(message: string): SigningError {
  return new SigningError('recheck-issuer', 'credentials-unfit', message, { part: 'CredentialsReady' })
}
