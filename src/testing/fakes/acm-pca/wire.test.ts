import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TEST_NOW } from '../../certificates.ts'
import { AwsError, asQueryError } from './aws-error.ts'
import { visit } from './front.ts'
import { serviceWorld } from './service-world.ts'
import { errorReply, jsonReply, readRequest, xmlReply } from './wire.ts'

// "AWS JSON 1.1 protocol" and "AWS query protocol" of the Smithy documentation; "Common errors" of both API references.

const FRAME = { service: 'acm-pca', operation: 'GetCertificate', requestId: 'id', now: TEST_NOW } as const
const HEADERS = { 'x-amzn-requestid': 'id', date: 'Mon, 23 Nov 2026 12:00:00 GMT' }
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1', ...HEADERS }
const XML_TYPE = { 'content-type': 'text/xml', ...HEADERS }
const STS = { ...FRAME, service: 'sts', operation: 'GetCallerIdentity' } as const
const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'

test('answers of Private CA are JSON', () => {
  assert.deepEqual(jsonReply(FRAME, { A: 1 }), { status: 200, headers: JSON_TYPE, body: '{"A":1}' })
  assert.deepEqual(errorReply(FRAME, new AwsError('Name', 'why')), {
    status: 400,
    headers: JSON_TYPE,
    body: '{"__type":"Name","message":"why"}',
  })
})

test('answers of STS are XML', () => {
  assert.deepEqual(xmlReply(STS, { Arn: 'a<b>&c' }), {
    status: 200,
    headers: XML_TYPE,
    body: `<GetCallerIdentityResponse ${NAMESPACE}><GetCallerIdentityResult><Arn>a&lt;b&gt;&amp;c</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  })
  assert.deepEqual(errorReply(STS, new AwsError('Name', 'why', 500)), {
    status: 500,
    headers: XML_TYPE,
    body: `<ErrorResponse ${NAMESPACE}><Error><Type>Receiver</Type><Code>Name</Code><Message>why</Message></Error><RequestId>id</RequestId></ErrorResponse>`,
  })
})

/** Header of the request, body, service and operation. */
const REQUESTS: readonly (readonly [string, Readonly<Record<string, string>>, string, string])[] = [
  ['a target', { 'x-amz-target': 'ACMPrivateCA.GetCertificate' }, '{}', 'acm-pca GetCertificate'],
  ['the target of another service', { 'x-amz-target': 'Other.GetCertificate' }, '{}', 'acm-pca '],
  [
    'a form',
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    'Action=AssumeRole&RoleArn=a',
    'sts AssumeRole',
  ],
  ['a form without an action', { 'content-type': 'application/x-www-form-urlencoded' }, 'RoleArn=a', 'sts '],
  ['neither', {}, '', 'acm-pca '],
]

describe('a request is read by', () => {
  for (const [title, headers, body, expected] of REQUESTS) {
    test(title, () => {
      const { service, operation } = readRequest({ method: 'POST', target: '/', headers, body: Buffer.from(body) })
      assert.equal(`${service} ${operation}`, expected)
    })
  }
})

test('the errors that all services have in common are named by the protocol', () => {
  const names = [
    'InvalidSignatureException',
    'UnrecognizedClientException',
    'ExpiredTokenException',
    'AccessDeniedException',
    'ThrottlingException',
    'Other',
  ]
  assert.deepEqual(
    names.map((name) => asQueryError(new AwsError(name, ''))).map(({ code, status }) => `${code} ${status}`),
    [
      'SignatureDoesNotMatch 403',
      'InvalidClientTokenId 403',
      'ExpiredToken 403',
      'AccessDenied 403',
      'Throttling 400',
      'Other 400',
    ],
  )
})

test('who has not signed is told so, in the words of the service', () => {
  const { parts } = serviceWorld()
  const bodies = [
    { 'x-amz-target': 'ACMPrivateCA.GetCertificate' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ].map((headers) => {
    const outcome = visit(parts, {
      method: 'POST',
      target: '/',
      headers,
      body: Buffer.from('Action=GetCallerIdentity'),
    })
    return outcome.do === 'answer' ? `${outcome.reply.status} ${outcome.reply.body}` : outcome.do
  })
  assert.equal(
    bodies[0],
    '400 {"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
  )
  assert.match(bodies[1] ?? '', /^403 <ErrorResponse.*<Code>MissingAuthenticationToken<\/Code>/)
  assert.deepEqual(
    parts.journal.entries.map(({ service, operation, outcome, principal }) => [service, operation, outcome, principal]),
    [
      ['acm-pca', 'GetCertificate', 'MissingAuthenticationTokenException', undefined],
      ['sts', 'GetCallerIdentity', 'MissingAuthenticationToken', undefined],
    ],
  )
})

test('the journal tells what was sent, whatever comes of it', () => {
  const { parts } = serviceWorld()
  const sent = { CertificateAuthorityArn: 'ca', TemplateArn: 'template', IdempotencyToken: 'token', Csr: 'csr' }
  const bodies = [
    JSON.stringify(sent, undefined, 1),
    '{"CertificateArn":"certificate","IdempotencyToken":1}',
    'no JSON',
    '[]',
  ]
  for (const body of bodies) {
    const headers = { 'x-amz-target': 'ACMPrivateCA.IssueCertificate' }
    visit(parts, { method: 'POST', target: '/', headers, body: Buffer.from(body) })
  }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = Buffer.from('Action=AssumeRole&RoleArn=role')
  visit(parts, { method: 'POST', target: '/', headers, body })
  assert.deepEqual(
    parts.journal.entries.map(({ at, service, operation, outcome, ...rest }) => rest),
    [
      { authority: 'ca', template: 'template', token: 'token' },
      { certificateArn: 'certificate' },
      {},
      {},
      { role: 'role' },
    ],
  )
})

test('latency is that of the operation', () => {
  const { parts } = serviceWorld()
  parts.faults.latency(60, 'IssueCertificate')
  const latency = (operation: string) => {
    const headers = { 'x-amz-target': `ACMPrivateCA.${operation}` }
    return visit(parts, { method: 'POST', target: '/', headers, body: Buffer.from('{}') }).latencyMs
  }
  assert.deepEqual(['IssueCertificate', 'GetCertificate'].map(latency), [60, 0])
})
