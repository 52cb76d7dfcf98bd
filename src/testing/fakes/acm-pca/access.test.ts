import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW } from '../../certificates.ts'
import type { CredentialOptions, Permission, Share } from './options.ts'
import { issueInput, refusal, serviceWorld } from './service-world.ts'
import { STAGE_CA, STAGE_ROOT } from './stage.ts'
import { TEST_CA_ARN, TEST_USER, testAuthority } from './world.ts'

// "Resource-based policies" and "Customer managed permissions in RAM" of the Private CA user guide; the texts of denials:
// "Troubleshoot access denied error messages" of the IAM user guide.

const ARN = TEST_USER.arn
const STRANGER: CredentialOptions = {
  accessKeyId: 'AKIASTRANGER',
  secretAccessKey: 'stranger-secret',
  arn: 'arn:aws:iam::444455556666:user/stranger',
}
const PATH_0 = 'SubordinateCACertificate_PathLen0/V1'
const PATH_0_API = 'SubordinateCACertificate_PathLen0_APIPassthrough/V1'
const BLANK = 'BlankEndEntityCertificate_APICSRPassthrough/V1'
const LEAF = 'EndEntityCertificate/V1'

function denied(who: string, kind: string): string {
  return `AccessDeniedException: User: ${who} is not authorized to perform: acm-pca:IssueCertificate on resource: ${TEST_CA_ARN} because no ${kind} policy allows the acm-pca:IssueCertificate action`
}

/** Issues with a template as a user of these permissions. */
function asUser(permissions: readonly Permission[] | undefined, template: string): string {
  const credentials = [{ ...TEST_USER, ...(permissions && { permissions }) }]
  const world = serviceWorld({ credentials })
  return refusal(() => world.issue({ template }))
}

const OWN: readonly (readonly [string, readonly Permission[] | undefined, string, boolean])[] = [
  ['no policy is written: everything', undefined, PATH_0, true],
  ['nothing', [], LEAF, false],
  ['the action', [{ actions: ['IssueCertificate'] }], PATH_0, true],
  ['all actions', [{ actions: ['*'] }], PATH_0, true],
  ['another action', [{ actions: ['GetCertificate'] }], LEAF, false],
  ['actions that begin alike', [{ actions: ['Issue*'] }], LEAF, true],
  ['the CA', [{ actions: ['*'], resources: [TEST_CA_ARN] }], LEAF, true],
  ['another CA', [{ actions: ['*'], resources: [`${TEST_CA_ARN}0`] }], LEAF, false],
  ['the template', [{ actions: ['*'], templates: [PATH_0] }], PATH_0, true],
  ['another template', [{ actions: ['*'], templates: [PATH_0] }], PATH_0_API, false],
  [
    'templates that begin alike',
    [{ actions: ['*'], templates: ['SubordinateCACertificate_PathLen0*'] }],
    PATH_0_API,
    true,
  ],
  [
    'two policies that only together would do',
    [
      { actions: ['IssueCertificate'], templates: [LEAF] },
      { actions: ['GetCertificate'], templates: [PATH_0] },
    ],
    PATH_0,
    false,
  ],
]

describe('a user of the account may do what its policies say', () => {
  for (const [title, permissions, template, allowed] of OWN) {
    test(title, () => {
      assert.equal(asUser(permissions, template), allowed ? 'ok' : denied(ARN, 'identity-based'))
    })
  }
})

function asStranger(shares: readonly Share[], template: string, permissions?: readonly Permission[]): string {
  const credentials = [TEST_USER, { ...STRANGER, ...(permissions && { permissions }) }]
  const world = serviceWorld({ credentials, authorities: [testAuthority(STAGE_CA, [STAGE_ROOT], { shares })] })
  const { principal } = world.parts.credentials.find(STRANGER.accessKeyId, undefined, TEST_NOW)
  return refusal(() => world.call('IssueCertificate', issueInput({ template }), principal))
}

function shared(permission: string | Permission, account = '444455556666'): readonly Share[] {
  return [{ account, permission }]
}

const DEFAULT = 'AWSRAMDefaultPermissionCertificateAuthority'
const SUBORDINATE = 'AWSRAMSubordinateCACertificatePathLen0IssuanceCertificateAuthority'

const FOREIGN: readonly (readonly [string, readonly Share[], string, boolean])[] = [
  ['no share', [], LEAF, false],
  ['the default permission, an end entity', shared(DEFAULT), LEAF, true],
  ['the default permission, a CA', shared(DEFAULT), PATH_0, false],
  ['the permission for CAs, a CA', shared(SUBORDINATE), PATH_0, true],
  ['the permission for CAs, an API variety', shared(SUBORDINATE), PATH_0_API, false],
  ['the permission for CAs, an end entity', shared(SUBORDINATE), LEAF, false],
  ['both permissions', [...shared(DEFAULT), ...shared(SUBORDINATE)], PATH_0, true],
  [
    'the permission for blank templates',
    shared('AWSRAMBlankEndEntityCertificateAPICSRPassthroughIssuanceCertificateAuthority'),
    BLANK,
    true,
  ],
  ['the permission to revoke', shared('AWSRAMRevokeCertificateCertificateAuthority'), LEAF, false],
  ['a customer managed permission', shared({ actions: ['IssueCertificate'] }), PATH_0_API, true],
  ['a share with another account', shared(SUBORDINATE, '777788889999'), PATH_0, false],
]

describe('a user of another account may do what the CA is shared for', () => {
  for (const [title, shares, template, allowed] of FOREIGN) {
    test(title, () => {
      assert.equal(asStranger(shares, template), allowed ? 'ok' : denied(STRANGER.arn, 'resource-based'))
    })
  }
  test('and what its own policies say', () => {
    assert.equal(asStranger(shared(SUBORDINATE), PATH_0, []), denied(STRANGER.arn, 'identity-based'))
  })
})

test('no managed permission lets another account ask for the CSR of the CA', () => {
  const authorities = [testAuthority(STAGE_CA, [STAGE_ROOT], { shares: shared(SUBORDINATE) })]
  const world = serviceWorld({ credentials: [TEST_USER, STRANGER], authorities })
  const { principal } = world.parts.credentials.find(STRANGER.accessKeyId, undefined, TEST_NOW)
  const input = { CertificateAuthorityArn: TEST_CA_ARN }
  assert.equal(
    refusal(() => world.call('DescribeCertificateAuthority', input, principal)),
    'ok',
  )
  assert.match(
    refusal(() => world.call('GetCertificateAuthorityCsr', input, principal)),
    /^AccessDeniedException: .* resource-based policy/,
  )
})

test('permissions of a user can be taken away and given back while it runs', () => {
  const { parts, call } = serviceWorld()
  const issue = () => {
    const { principal } = parts.credentials.find(TEST_USER.accessKeyId, undefined, TEST_NOW)
    return refusal(() => call('IssueCertificate', issueInput(), principal)).split(':')[0]
  }
  parts.credentials.permit(ARN, [])
  const without = issue()
  parts.credentials.permit(ARN, undefined)
  assert.deepEqual([without, issue()], ['AccessDeniedException', 'ok'])
})
