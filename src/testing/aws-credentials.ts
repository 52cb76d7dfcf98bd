import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AwsPrivateCAConfig, AwsRoleConfig } from '../backends/aws-private-ca/config.ts'
import { SigningError } from '../backends/backend.ts'
import { type AwsStage, awsStage } from './aws-stage.ts'
import { TEST_NOW } from './certificates.ts'
import type { AcmPcaOptions, RoleOptions } from './fakes/acm-pca/options.ts'

export const FIRST = 'arn:aws:iam::111122223333:role/first'
export const SECOND = 'arn:aws:iam::111122223333:role/second'
/** The second may be assumed with an external ID and a tag only. */
export const ROLES: readonly RoleOptions[] = [
  {
    arn: FIRST,
    trust: {
      principals: ['111122223333'],
      webIdentity: { audience: 'sts.amazonaws.com', subjects: ['system:serviceaccount:mesh:issuer'] },
    },
  },
  { arn: SECOND, trust: { principals: ['*'], externalId: 'external', tags: { team: 'mesh' } } },
]
export const FIRST_ROLE: AwsRoleConfig = { roleARN: FIRST, sessionName: 'mesh@x', tags: [] }
export const SECOND_ROLE: AwsRoleConfig = {
  roleARN: SECOND,
  sessionName: 'mesh@x',
  externalID: 'external',
  durationSeconds: 900,
  tags: [{ key: 'team', value: 'mesh' }],
}
/** The first role, for a token of ServiceAccount mesh/issuer. */
export const WEB: Partial<AwsPrivateCAConfig> = {
  credentials: {
    kind: 'web-identity',
    account: { namespace: 'mesh', name: 'issuer', audiences: ['sts.amazonaws.com'] },
  },
  roles: [FIRST_ROLE],
}

/** A stage with these roles, whose API server gives a token that the first one trusts. */
export async function stageWith(context: TestContext, options: Partial<AcmPcaOptions> = {}): Promise<AwsStage> {
  const stage = await awsStage(context, { roles: ROLES, ...options })
  stage.services.tokens.token = jwt('system:serviceaccount:mesh:issuer')
  return stage
}

/** A token that nobody signed. @param sub whom it is for */
export function jwt(sub: string): string {
  const claims = { iss: 'https://oidc.example', aud: ['sts.amazonaws.com'], sub, exp: TEST_NOW / 1000 + 600 }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`
}

/** Remedy, code, part and message of what a call was refused with. */
export async function refusal(act: () => Promise<unknown>): Promise<readonly unknown[]> {
  try {
    await act()
  } catch (error) {
    assert.ok(error instanceof SigningError)
    return [error.remedy, error.code, error.part, error.message]
  }
  return assert.fail('it was let through')
}
