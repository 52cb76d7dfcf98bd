import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Credentials } from './credentials.ts'
import { refusal } from './service-world.ts'
import { SigningKeys } from './signing-keys.ts'
import { verifySignature, type WireRequest } from './sigv4.ts'

// "Create a signed AWS API request" and "Troubleshoot signed requests" of the IAM user guide; the signatures are those of
// the AWS Signature Version 4 test suite, so no code of ours made them.

const NOW = Date.parse('2015-08-30T12:36:00Z')
const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  arn: 'arn:aws:iam::111122223333:user/example',
}
const credentials = new Credentials()
credentials.add(KEY, { ...KEY, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'session', expiresAt: NOW })

interface Change {
  readonly target?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly signed?: string
  readonly signature?: string
  readonly credential?: string
  readonly now?: number
  readonly region?: string
  readonly body?: string
}

const GET_VANILLA = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'

function verify(change: Change = {}): unknown {
  const {
    credential = 'AKIDEXAMPLE/20150830/us-east-1/service',
    signed = 'host;x-amz-date',
    signature = GET_VANILLA,
  } = change
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}/aws4_request, SignedHeaders=${signed}, Signature=${signature}`
  const { method = 'GET', target = '/', headers, body = '', now = NOW, region } = change
  const request: WireRequest = {
    method,
    target,
    headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', authorization, ...headers },
    body: Buffer.from(body),
  }
  const signingKeys = new SigningKeys()
  return verifySignature(request, { credentials, signingKeys, service: 'service', region, now })
}

const SUITE: readonly (readonly [string, Change])[] = [
  ['get-vanilla', {}],
  ['post-vanilla', { method: 'POST', signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b' }],
  [
    'get-vanilla-query-order-key-case',
    {
      target: '/?Param2=value2&Param1=value1',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    },
  ],
  [
    'get-header-value-trim',
    {
      headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
      signed: 'host;my-header1;my-header2;x-amz-date',
      signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    },
  ],
  ['get-utf8', { target: '/ሴ', signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85' }],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      signed: 'content-type;host;x-amz-date',
      body: 'Param1=value1',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
  ],
]

describe('the signatures of the AWS test suite hold', () => {
  for (const [name, change] of SUITE) {
    test(name, () => {
      assert.deepEqual(verify(change), {
        principal: {
          arn: KEY.arn,
          account: '111122223333',
          accessKeyId: 'AKIDEXAMPLE',
          session: false,
          permissions: undefined,
        },
        region: 'us-east-1',
      })
    })
  }
})

const MISMATCH =
  'InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const INVALID_TOKEN = 'UnrecognizedClientException: The security token included in the request is invalid.'
const FIVE_MINUTES = 300_000
const SESSION = 'ASIAEXAMPLE/20150830/us-east-1/service'

const REFUSED: readonly (readonly [string, Change, string])[] = [
  ['another method', { method: 'POST' }, MISMATCH],
  ['another path', { target: '/other' }, MISMATCH],
  ['another query', { target: '/?a=b' }, MISMATCH],
  ['another body', { body: 'x' }, MISMATCH],
  ['another host', { headers: { host: 'other.example' } }, MISMATCH],
  ['a region that was not signed', { credential: 'AKIDEXAMPLE/20150830/eu-west-1/service' }, MISMATCH],
  [
    'a region that the endpoint does not stand for',
    { region: 'eu-west-1' },
    "InvalidSignatureException: Credential should be scoped to a valid region, not 'us-east-1'. ",
  ],
  [
    'another service',
    { credential: 'AKIDEXAMPLE/20150830/us-east-1/sts' },
    "InvalidSignatureException: Credential should be scoped to correct service: 'service'. ",
  ],
  ['an unknown key', { credential: 'AKIDOTHER/20150830/us-east-1/service' }, INVALID_TOKEN],
  ['a session token with a long-lived key', { headers: { 'x-amz-security-token': 'x' } }, INVALID_TOKEN],
  ['a session key without its token', { credential: SESSION }, INVALID_TOKEN],
  [
    'a session that has ended',
    { credential: SESSION, headers: { 'x-amz-security-token': 'session' } },
    'ExpiredTokenException: The security token included in the request is expired',
  ],
  ['five minutes ago', { now: NOW + FIVE_MINUTES }, 'ok'],
  [
    'longer ago',
    { now: NOW + FIVE_MINUTES + 1000 },
    'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
  ],
  ['five minutes ahead', { now: NOW - FIVE_MINUTES }, 'ok'],
  [
    'further ahead',
    { now: NOW - FIVE_MINUTES - 1000 },
    'InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)',
  ],
  [
    'another day in the scope',
    { credential: 'AKIDEXAMPLE/20150829/us-east-1/service' },
    "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830'",
  ],
  [
    'an x-amz header that is not signed',
    { headers: { 'x-amz-target': 'X.Y' } },
    "InvalidSignatureException: 'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
  ],
  [
    'a host that is not signed',
    { signed: 'x-amz-date' },
    "InvalidSignatureException: 'host' must be a 'SignedHeader' in the AWS Authorization.",
  ],
  [
    'a payload hash of something else',
    { headers: { 'x-amz-content-sha256': '00' }, signed: 'host;x-amz-content-sha256;x-amz-date' },
    "InvalidSignatureException: The value of 'x-amz-content-sha256' does not match the payload.",
  ],
  [
    'no date',
    { headers: { 'x-amz-date': undefined } },
    'IncompleteSignatureException: Authorization header requires existence of a X-Amz-Date header',
  ],
  [
    'no Authorization',
    { headers: { authorization: undefined } },
    'MissingAuthenticationTokenException: Missing Authentication Token',
  ],
  [
    'an Authorization of another kind',
    { headers: { authorization: 'Bearer x' } },
    'IncompleteSignatureException: Authorization header requires Credential, SignedHeaders and Signature',
  ],
]

describe('refused, and how', () => {
  for (const [title, change, expected] of REFUSED) {
    test(title, () => {
      assert.equal(
        refusal(() => verify(change)),
        expected,
      )
    })
  }
})
