import { parseDuration } from '../api/duration.ts'
import type { AwsPrivateCASpec, AwsRole } from '../api/issuer.ts'
import type { AwsCredentialsConfig, AwsPrivateCAConfig, AwsRoleConfig } from '../backends/config.ts'
import { checkAmbient, checkEndpoint, type IssuerScope, type OperatorPolicy } from './operator-policy.ts'
import { entry, found, type Lookup, optionalEntry, type Reference, secret } from './references.ts'

/** What STS asks of a token unless an identity provider was set up otherwise. */
const STS_AUDIENCE = 'sts.amazonaws.com'

export function awsReferences({ credentials }: AwsPrivateCASpec): readonly Reference[] {
  return credentials?.secretRef === undefined ? [] : [secret(credentials.secretRef.name)]
}

/**
 * The configuration of an `awsPrivateCA` back end.
 * @throws ConfigurationError
 */
export function awsConfig(
  spec: AwsPrivateCASpec,
  lookup: Lookup,
  { scope, policy }: { readonly scope: IssuerScope; readonly policy: OperatorPolicy },
): AwsPrivateCAConfig {
  const { arn, region, endpoint, stsEndpoint, signingAlgorithm, templateName } = spec
  if (endpoint !== undefined) checkEndpoint('awsPrivateCA.endpoint', endpoint, policy)
  if (stsEndpoint !== undefined) checkEndpoint('awsPrivateCA.stsEndpoint', stsEndpoint, policy)
  if (spec.credentials === undefined) checkAmbient(scope, [endpoint, stsEndpoint], policy)
  return {
    kind: 'aws-private-ca',
    arn,
    region: region ?? arn.split(':')[3] ?? '',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(templateName === undefined ? {} : { templateName }),
    credentials: credentialsOf(spec, lookup, scope),
    roles: (spec.assumeRole ?? []).map((role) => roleOf(role, scope)),
  }
}

function credentialsOf({ credentials }: AwsPrivateCASpec, lookup: Lookup, scope: IssuerScope): AwsCredentialsConfig {
  if (credentials?.serviceAccountRef !== undefined) {
    const { name } = credentials.serviceAccountRef
    return { kind: 'web-identity', account: { namespace: scope.namespace, name, audiences: [STS_AUDIENCE] } }
  }
  if (credentials?.secretRef === undefined) return { kind: 'ambient' }
  const { name, accessKeyIDKey, secretAccessKeyKey, sessionTokenKey } = credentials.secretRef
  const reference = secret(name)
  const data = trimmed(found(reference, lookup))
  const sessionToken = optionalEntry(data, sessionTokenKey)
  return {
    kind: 'keys',
    accessKeyId: entry(reference, data, accessKeyIDKey),
    secretAccessKey: entry(reference, data, secretAccessKeyKey),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  }
}

/** People pipe keys into Secrets with a line end behind them, and AWS would call the signature wrong. */
function trimmed(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.trim()]))
}

function roleOf({ roleARN, externalID, sessionName, duration, tags }: AwsRole, scope: IssuerScope): AwsRoleConfig {
  return {
    roleARN,
    ...(externalID === undefined ? {} : { externalID }),
    sessionName: sessionName ?? sessionNameOf(scope),
    ...(duration === undefined ? {} : { durationSeconds: Math.floor(parseDuration(duration) / 1000) }),
    tags: tags ?? [],
  }
}

/** What CloudTrail shows: the issuer, in the 64 characters that STS takes. */
function sessionNameOf({ clusterScoped, namespace, name }: IssuerScope): string {
  const title = clusterScoped ? name : `${namespace}.${name}`
  return `mesh-ca-issuer@${title}`.slice(0, 64)
}
