import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SigningError } from '../backend.ts'
import type { Failure } from './failure.ts'
import { type StsContext, stsError } from './sts-errors.ts'

const ROLE = 'arn:aws:iam::111122223333:role/mesh'
const ASSUME: StsContext = { action: 'AssumeRole', roleARN: ROLE, region: 'eu-central-1', endpoint: undefined }
const TOKEN: StsContext = { ...ASSUME, action: 'AssumeRoleWithWebIdentity', account: 'mesh/issuer' }

interface Row {
  readonly failure: Failure | string
  readonly context?: StsContext
  readonly error: readonly [SigningError['remedy'], string]
  readonly message: RegExp
}

const ROWS: readonly Row[] = [
  {
    failure: 'AccessDenied',
    error: ['recheck-issuer', 'assume-role-denied'],
    message: /^the credentials before it may not assume .*role\/mesh: .* sts:AssumeRole .*external ID/,
  },
  {
    failure: 'AccessDenied',
    context: TOKEN,
    error: ['recheck-issuer', 'assume-role-denied'],
    message:
      /^ServiceAccount mesh\/issuer may not assume .* sts:AssumeRoleWithWebIdentity .*system:serviceaccount:mesh:issuer/,
  },
  { failure: 'ExpiredToken', error: ['recheck-issuer', 'credentials-expired'], message: /have expired; renew them/ },
  { failure: 'InvalidClientTokenId', error: ['recheck-issuer', 'credentials-unknown'], message: /does not know/ },
  { failure: 'SignatureDoesNotMatch', error: ['recheck-issuer', 'signature-refused'], message: /clock of the node/ },
  {
    failure: 'InvalidIdentityToken',
    context: TOKEN,
    error: ['recheck-issuer', 'web-identity-refused'],
    message: /ServiceAccount mesh\/issuer .* OIDC issuer as an identity provider .*audience sts\.amazonaws\.com/,
  },
  { failure: 'IDPRejectedClaim', context: TOKEN, error: ['recheck-issuer', 'web-identity-refused'], message: /OIDC/ },
  {
    failure: 'IDPCommunicationError',
    context: TOKEN,
    error: ['retry', 'identity-provider-unreachable'],
    message: /tried again$/,
  },
  { failure: 'RegionDisabled', error: ['recheck-issuer', 'sts-region-disabled'], message: /in eu-central-1/ },
  { failure: 'ValidationError', error: ['recheck-issuer', 'assume-role-arguments-refused'], message: /duration/ },
  { failure: 'PackedPolicyTooLarge', error: ['recheck-issuer', 'assume-role-arguments-refused'], message: /tags/ },
  { failure: 'Throttling', error: ['retry', 'throttled'], message: /^AWS throttles sts:AssumeRole/ },
  { failure: 'BrandNew', error: ['recheck-issuer', 'aws-refused'], message: /sts:AssumeRole for .* with BrandNew/ },
  { failure: { kind: 'no-credentials' }, error: ['recheck-issuer', 'credentials-missing'], message: /IRSA/ },
  { failure: { kind: 'server', status: 500 }, error: ['retry', 'service-unavailable'], message: /sts:AssumeRole/ },
  {
    failure: { kind: 'unreached', code: 'EAI_AGAIN' },
    error: ['retry', 'name-unresolved'],
    message: /^the name of sts of eu-central-1 .*awsPrivateCA\.stsEndpoint/,
  },
  {
    failure: { kind: 'unreadable', status: 200 },
    context: { ...ASSUME, endpoint: 'https://sts.example' },
    error: ['retry', 'answer-unreadable'],
    message: /^https:\/\/sts\.example gave an answer of HTTP status 200/,
  },
]

for (const { failure, context = ASSUME, error, message } of ROWS) {
  const what: Failure = typeof failure === 'string' ? { kind: 'refused', name: failure, words: 'SECRET' } : failure
  test(`STS remedy: ${JSON.stringify(failure)} of ${context.action} is ${error[1]}`, () => {
    const found = stsError(what, context)
    assert.deepEqual([found.remedy, found.code, found.part], [...error, 'CredentialsReady'])
    assert.match(found.message, message)
    assert.doesNotMatch(found.message, /SECRET/)
  })
}
