import { SigningError } from '../backend.ts'
import { authorityEnd, readAuthority } from './authority.ts'
import type { VaultAnswer, VaultCall } from './client.ts'
import type { VaultConfig } from './config.ts'
import { explain } from './errors.ts'
import { VaultFailure } from './failure.ts'
import type { Asked } from './failure-row.ts'
import { type HealthContext, refuseIgnoredNamespace, withHealth } from './health.ts'
import { readSeconds, readText, readTexts } from './json.ts'
import { COMMON_PARAMETERS, DEFAULT_BACKDATE_MS, type Knowledge, type RoleKnowledge } from './knowledge.ts'
import { longestLife } from './limits.ts'
import { usageMissing } from './pki-errors.ts'
import type { Session } from './session.ts'
import { endEntityPath, intermediatePath } from './sign-request.ts'
import { pathOf, policyLine, serverOf } from './words.ts'

export interface CheckContext extends HealthContext {
  readonly session: Session
}

/** How a server answers what it does not show to everybody, or does not have. */
const HIDDEN: ReadonlySet<number> = new Set([400, 403, 404, 405])
/** A parameter in the help of a path: its name and type, indented by four. */
const HELP_PARAMETER = /^ {4}(\w+) \(\w+\)$/gm

/**
 * Proves what signing needs: a login, the permission on the exact paths, an issuer that may sign and whose chain is
 * closed; and learns what the server would otherwise cut short or drop in silence.
 * @throws SigningError
 */
export async function checkIssuer(context: CheckContext): Promise<Knowledge> {
  const { config } = context
  try {
    await refuseIgnoredNamespace(context)
    const granted = await checkPermissions(context)
    const { data } = await must(context, { method: 'GET', path: `${pathOf(config)}/json` })
    const read = readAuthority(data, config)
    const [mountMaxMs, role, parameters] = await Promise.all([
      mountLimit(context),
      roleKnowledge(context, granted),
      knownParameters(context),
      checkUsage(context, granted),
    ])
    const longestLifeMs = longestLife(config, mountMaxMs, role)
    const authority = longestLifeMs === undefined ? read : { ...read, longestLifeMs }
    return { authority, authorityEnd: authorityEnd(authority), parameters, mountMaxMs, role }
  } catch (error) {
    throw error instanceof SigningError && error.code === 'server-error' ? await withHealth(context, error) : error
  }
}

type Granted = (path: string, capability: Asked['capability']) => boolean

async function checkPermissions(context: CheckContext): Promise<Granted> {
  const { config } = context
  const needed = signingPaths(config)
  const paths = [...needed, pathOf(config), ...(config.role === undefined ? [] : [rolePath(config, config.role)])]
  const path = 'sys/capabilities-self'
  const { data, body } = await must(context, { method: 'POST', path, body: { paths } })
  const granted: Granted = (one, capability) => {
    const capabilities = readTexts(data[one] ?? body[one]) ?? []
    return capabilities.includes('root') || capabilities.includes(capability)
  }
  const denied = needed.find((one) => !granted(one, 'update'))
  if (denied === undefined) return granted
  throw new SigningError(
    'recheck-issuer',
    'permission-missing',
    `the login at ${serverOf(config)} lacks the capability update on ${denied}; add to its policy: ${policyLine(denied, 'update')}`,
    { part: 'CredentialsReady' },
  )
}

/** @throws SigningError where nothing can be signed without a role, and there is none */
function signingPaths(config: VaultConfig): readonly string[] {
  const { signs, role } = config
  const paths = signs.includes('ca') ? [intermediatePath(config)] : []
  if (signs.includes('end-entity') && role !== undefined) return [...paths, endEntityPath(config, role)]
  if (paths.length > 0) return paths
  const message = 'vault.role is not set, and end-entity certificates are signed with a role; set it'
  throw new SigningError('recheck-issuer', 'role-missing', message, { part: 'AuthorityReady' })
}

async function checkUsage(context: CheckContext, granted: Granted): Promise<void> {
  const { config } = context
  if (!granted(pathOf(config), 'read')) return
  const { data } = await must(context, { method: 'GET', path: pathOf(config) })
  const usage = readText(data.usage)
  const message =
    data.revoked === true
      ? `the issuer ${pathOf(config)} is revoked; use another one`
      : usage === undefined || usage.split(',').includes('issuing-certificates')
        ? undefined
        : usageMissing(config)
  if (message === undefined) return
  throw new SigningError('recheck-issuer', 'issuer-unusable', message, { part: 'AuthorityReady' })
}

async function roleKnowledge(context: CheckContext, granted: Granted): Promise<RoleKnowledge> {
  const { config } = context
  const unknown = { backdateMs: DEFAULT_BACKDATE_MS, maxMs: undefined }
  if (config.role === undefined) return unknown
  const path = rolePath(config, config.role)
  if (!granted(path, 'read')) return unknown
  try {
    const { data } = await context.session.attempt({ method: 'GET', path }, context.signal)
    const maxMs = readSeconds(data.max_ttl)
    return {
      backdateMs: readSeconds(data.not_before_duration) ?? DEFAULT_BACKDATE_MS,
      maxMs: maxMs === 0 ? undefined : maxMs,
    }
  } catch (error) {
    if (!(error instanceof VaultFailure)) throw error
    if (error.status !== 404) throw explain(error, { config, purpose: 'check', path, capability: 'read' })
    const message = `the secrets engine ${config.mount} has no role ${config.role}; create it, or correct vault.role`
    throw new SigningError('recheck-issuer', 'role-not-found', message, { part: 'AuthorityReady' })
  }
}

/** Any login that may do something below a mount may see this; zero is the server's own default, which is not shown. */
async function mountLimit(context: CheckContext): Promise<number | undefined> {
  const data = await may(context, { method: 'GET', path: `sys/internal/ui/mounts/${context.config.mount}` })
  const settings = data?.data.config
  const limit =
    typeof settings === 'object' && settings !== null && 'max_lease_ttl' in settings
      ? readSeconds(settings.max_lease_ttl)
      : undefined
  return limit === 0 ? undefined : limit
}

/** What sign-intermediate takes, by the help that every login may read. */
async function knownParameters(context: CheckContext): Promise<ReadonlySet<string>> {
  const { config } = context
  if (!config.signs.includes('ca')) return COMMON_PARAMETERS
  const answer = await may(context, { method: 'GET', path: intermediatePath(config), query: { help: '1' } })
  const names = [...(readText(answer?.body.help) ?? '').matchAll(HELP_PARAMETER)].map(([, name = '']) => name)
  return names.length === 0 ? COMMON_PARAMETERS : new Set(names)
}

/** @throws SigningError */
async function must(context: CheckContext, call: Omit<VaultCall, 'token'>): Promise<VaultAnswer> {
  try {
    return await context.session.call(call, context.signal)
  } catch (error) {
    throw explained(error, context, call)
  }
}

/** What is good to know, but may be hidden. @throws SigningError where it could not be had just now */
async function may(context: CheckContext, call: Omit<VaultCall, 'token'>): Promise<VaultAnswer | undefined> {
  try {
    return await context.session.attempt(call, context.signal)
  } catch (error) {
    if (error instanceof VaultFailure && HIDDEN.has(error.status)) return undefined
    throw explained(error, context, call)
  }
}

function explained(
  error: unknown,
  { config, signal }: CheckContext,
  { method, path }: Omit<VaultCall, 'token'>,
): unknown {
  if (!(error instanceof VaultFailure)) return error
  signal.throwIfAborted()
  return explain(error, { config, purpose: 'check', path, capability: method === 'GET' ? 'read' : 'update' })
}

function rolePath({ mount }: VaultConfig, role: string): string {
  return `${mount}/roles/${role}`
}
