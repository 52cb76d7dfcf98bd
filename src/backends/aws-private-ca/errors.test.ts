import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CONTEXT, refused } from '../../testing/aws-failures.ts'
import type { SigningError } from '../backend.ts'
import { type CallContext, pcaError } from './errors.ts'
import { type Failure, readFailure } from './failure.ts'
import { type StsContext, stsError } from './sts-errors.ts'

interface Row {
  readonly failure: Failure
  readonly context?: Partial<CallContext>
  readonly error: readonly [SigningError['remedy'], string, SigningError['part']]
  readonly message: RegExp
}

const CREDENTIALS = 'CredentialsReady'
const AUTHORITY = 'AuthorityReady'

const ROWS: readonly Row[] = [
  {
    failure: refused('Throttling'),
    error: ['retry', 'throttled', undefined],
    message: /^AWS throttles acm-pca:IssueCertificate in eu-central-1; /,
  },
  {
    failure: refused('TooManyRequests'),
    error: ['retry', 'throttled', undefined],
    message: /^AWS throttles /,
  },
  {
    failure: refused('RequestFailed'),
    error: ['retry', 'request-failed', undefined],
    message: /it is tried again$/,
  },
  {
    failure: refused('RequestInProgress'),
    error: ['retry', 'request-in-progress', undefined],
    message: /it is asked for again$/,
  },
  {
    failure: refused('ExpiredToken'),
    error: ['recheck-issuer', 'credentials-expired', CREDENTIALS],
    message: /renew them/,
  },
  {
    failure: refused('UnrecognizedClient'),
    error: ['recheck-issuer', 'credentials-unknown', CREDENTIALS],
    message: /correct the credentials/,
  },
  {
    failure: refused('InvalidSignature', 'The canonical request should have been x-amz-security-token:SECRET'),
    error: ['recheck-issuer', 'signature-refused', CREDENTIALS],
    message: /secret access key, and see that the clock .* within 5 minutes$/,
  },
  {
    failure: refused('MissingAuthenticationToken'),
    error: ['recheck-issuer', 'signature-refused', CREDENTIALS],
    message: /secret access key/,
  },
  {
    failure: refused('OptInRequired'),
    error: ['recheck-issuer', 'account-not-enabled', CREDENTIALS],
    message: /in eu-central-1; enable/,
  },
  {
    failure: { kind: 'no-credentials' },
    error: ['recheck-issuer', 'credentials-missing', CREDENTIALS],
    message: /EKS Pod Identity or IRSA/,
  },
  {
    failure: refused('InvalidState'),
    error: ['recheck-issuer', 'authority-not-active', AUTHORITY],
    message: /is not ACTIVE/,
  },
  {
    failure: refused('ResourceNotFound'),
    error: ['recheck-issuer', 'authority-not-found', AUTHORITY],
    message: /in region eu-central-1 .* correct awsPrivateCA\.arn/,
  },
  {
    failure: refused('InvalidArn'),
    error: ['recheck-issuer', 'arn-invalid', AUTHORITY],
    message: /SubordinateCACertificate_PathLen0/,
  },
  {
    failure: refused('LimitExceeded'),
    error: ['recheck-issuer', 'certificate-quota-spent', AUTHORITY],
    message: /higher quota/,
  },
  {
    failure: refused('UnknownOperation'),
    context: { endpoint: 'https://pca.example' },
    error: ['recheck-issuer', 'endpoint-unfit', AUTHORITY],
    message: /^https:\/\/pca\.example is not one of AWS Private CA; correct awsPrivateCA\.endpoint$/,
  },
  {
    failure: refused('MalformedCSR', 'its signature is bad'),
    error: ['give-up', 'csr-refused', undefined],
    message: /^AWS refused the CSR: "its signature is bad"; /,
  },
  {
    failure: refused('InvalidArgs', 'The subject is too long'),
    error: ['give-up', 'arguments-refused', undefined],
    message: /: "The subject is too long"$/,
  },
  {
    failure: refused('Validation', 'The certificate validity specified exceeds the certificate authority validity'),
    error: ['recheck-issuer', 'arguments-refused', undefined],
    message: /exceeds the certificate authority validity/,
  },
  {
    failure: refused('InvalidArgs', 'The subject is too long'),
    context: { action: 'GetCertificate' },
    error: ['recheck-issuer', 'arguments-refused', undefined],
    message: /acm-pca:GetCertificate/,
  },
  {
    failure: refused('BrandNew', 'a token perhaps'),
    error: ['recheck-issuer', 'aws-refused', undefined],
    message: /^AWS refused acm-pca:IssueCertificate with BrandNew, for which no remedy is known here$/,
  },
  {
    failure: refused('constructor'),
    error: ['recheck-issuer', 'aws-refused', undefined],
    message: /with constructor/,
  },
  {
    failure: { kind: 'server', status: 503 },
    error: ['retry', 'service-unavailable', AUTHORITY],
    message: /HTTP status 503/,
  },
  {
    failure: { kind: 'lost', code: 'TIMEOUT' },
    error: ['retry', 'answer-lost', AUTHORITY],
    message: /^no answer to acm-pca:IssueCertificate came from acm-pca of eu-central-1 \(TIMEOUT\)/,
  },
  {
    failure: { kind: 'unreached', code: 'ENOTFOUND' },
    error: ['retry', 'name-unresolved', AUTHORITY],
    message: /check region and awsPrivateCA\.endpoint, and the cluster's DNS$/,
  },
  {
    failure: { kind: 'unreached', code: 'ECONNREFUSED' },
    error: ['retry', 'service-unreachable', AUTHORITY],
    message: /network policies$/,
  },
  {
    failure: { kind: 'unreached', code: 'NOT_LEADING' },
    error: ['retry', 'not-leading', AUTHORITY],
    message: /^another process acts now and asks AWS$/,
  },
  {
    failure: { kind: 'unreached', code: 'PROXY_403' },
    error: ['retry', 'proxy-refused', AUTHORITY],
    message:
      /^the proxy of HTTPS_PROXY does not let calls through to acm-pca of eu-central-1 \(PROXY_403\): .*NO_PROXY$/,
  },
  {
    failure: { kind: 'unreached', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    context: { endpoint: 'https://pca.example' },
    error: ['recheck-issuer', 'tls-untrusted', AUTHORITY],
    message: /^the TLS certificate of https:\/\/pca\.example is not trusted .* NODE_EXTRA_CA_CERTS/,
  },
  {
    failure: { kind: 'unreadable', status: 301 },
    error: ['recheck-issuer', 'redirected', AUTHORITY],
    message: /where no credential is sent/,
  },
  {
    failure: { kind: 'unreadable', status: undefined },
    error: ['retry', 'answer-unreadable', AUTHORITY],
    message: /is awsPrivateCA\.endpoint right\?$/,
  },
]

for (const { failure, context = {}, error, message } of ROWS) {
  const what = failure.kind === 'refused' ? failure.name : JSON.stringify(failure)
  test(`remedy: ${what} of ${context.action ?? 'IssueCertificate'} is ${error[1]}`, () => {
    const found = pcaError(failure, { ...CONTEXT, ...context })
    assert.deepEqual([found.remedy, found.code, found.part], error)
    assert.match(found.message, message)
    assert.doesNotMatch(found.message, /SECRET|token perhaps/)
    assert.match(found.code, /^[a-z]+(?:-[a-z]+)*$/)
  })
}

/** "Common Errors" of the API reference, without the ending "Exception". */
const COMMON_ERRORS = [
  'AccessDenied',
  'ExpiredToken',
  'IncompleteSignature',
  'InternalFailure',
  'MalformedHttpRequest',
  'NotAuthorized',
  'OptInRequired',
  'RequestAborted',
  'RequestEntityTooLarge',
  'RequestExpired',
  'RequestTimeout',
  'ServiceUnavailable',
  'Throttling',
  'UnrecognizedClient',
  'UnknownOperation',
  'ValidationError',
]
/** Nothing that is sent to the Security Token Service can be so. */
const OF_THE_REQUEST = ['MalformedHttpRequest', 'OptInRequired', 'RequestEntityTooLarge', 'UnknownOperation']
const ROOT = join(import.meta.dirname, '..', '..', '..')

function answered(name: string): Failure {
  return readFailure(Object.assign(new Error(''), { name: `${name}Exception`, $metadata: { httpStatusCode: 400 } }))
}

test('every error that the service names has a remedy of its own', async () => {
  const sdk = join(ROOT, 'node_modules/@aws-sdk')
  const commands = [
    'IssueCertificate',
    'GetCertificate',
    'DescribeCertificateAuthority',
    'GetCertificateAuthorityCertificate',
  ]
  const named = commands.map(async (command) => {
    const text = await readFile(join(sdk, `client-acm-pca/dist-types/commands/${command}Command.d.ts`), 'utf8')
    return [...text.matchAll(/@throws \{@link (\w+)Exception\} \(/g)].map(([, name = '']) => name)
  })
  const names = new Set([...(await Promise.all(named)).flat(), ...COMMON_ERRORS])
  assert.ok(names.size > COMMON_ERRORS.length + 6)
  assert.deepEqual(
    [...names].filter((name) => pcaError(answered(name), CONTEXT).code === 'aws-refused'),
    [],
  )
})

test('so has every error of the Security Token Service', async () => {
  const file = join(ROOT, 'node_modules/@aws-sdk/nested-clients/dist-types/submodules/sts/models/errors.d.ts')
  const names = [...(await readFile(file, 'utf8')).matchAll(/class (\w+)Exception /g)].map(([, name = '']) => name)
  assert.ok(names.length >= 7)
  const context: StsContext = { action: 'AssumeRole', roleARN: 'R', region: '', endpoint: undefined }
  const about = COMMON_ERRORS.filter((name) => !OF_THE_REQUEST.includes(name))
  assert.deepEqual(
    [...names, ...about].filter((name) => stsError(answered(name), context).code === 'aws-refused'),
    [],
  )
})
