import type { OpenedBackend } from '../backend.ts'
import { SigningError } from '../backend.ts'
import { closedAfterCalls } from '../draining.ts'
import type { BackendServices } from '../services.ts'
import { type AuthorityArn, parseAuthorityArn } from './arn.ts'
import { AuthorityReader } from './authority.ts'
import { PcaClient } from './client.ts'
import type { AwsPrivateCAConfig } from './config.ts'
import { openSessions } from './credentials.ts'
import { Issuance } from './issuance.ts'
import { quotasOf, SharedStates } from './shared.ts'
import { checkPin } from './templates.ts'
import { Transport } from './transport.ts'

/**
 * Opens CAs of AWS Private CA; all that are opened through one call share one quota per CA and region. Nothing is sent
 * before the first check or signature.
 */
export function awsPrivateCAs(services: BackendServices): (config: AwsPrivateCAConfig) => OpenedBackend {
  const states = new SharedStates(services.monotonic)
  return (config) => open(config, services, states)
}

function open(config: AwsPrivateCAConfig, services: BackendServices, states: SharedStates): OpenedBackend {
  const { region, endpoint, signingAlgorithm, templateName } = config
  const arn = checkPlace(config)
  checkPin(templateName)
  const transport = new Transport(services)
  const sessions = openSessions(config, { services, transport })
  const client = new PcaClient({ arn, region, endpoint, sessions, transport })
  const context = { authority: arn, region, endpoint }
  const authority = new AuthorityReader({ client, arn, context, signingAlgorithm, now: services.now })
  const shared = states.of(arn.text, region)
  const issuance = new Issuance({ client, authority, arn, context, templateName, shared, services })
  return closedAfterCalls({
    check: async (signal) => (await authority.check(signal)).authority,
    sign: (request, signal) => issuance.sign(request, signal),
    close: () => client.close(),
    quotas: () => quotasOf(shared, services.monotonic()),
  })
}

/** A CA is seen in its own region only. */
function checkPlace({ arn: text, region }: AwsPrivateCAConfig): AuthorityArn {
  const arn = parseAuthorityArn(text)
  if (arn === undefined) throw unfit('arn-invalid', 'awsPrivateCA.arn is not the ARN of a private CA; copy it from AWS')
  if (arn.region === region) return arn
  throw unfit(
    'region-unfit',
    `the CA lies in region ${arn.region}, and awsPrivateCA.region is ${region}; leave awsPrivateCA.region out, or name the ARN of a CA that lies there`,
  )
}

function unfit(code: string, message: string): SigningError {
  return new SigningError('recheck-issuer', code, message, { part: 'AuthorityReady' })
}
