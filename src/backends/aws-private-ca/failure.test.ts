import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Failure, isSignatureFailure, isStale, isThrottle, mayHaveActed, readFailure } from './failure.ts'
import { TransportError } from './transport.ts'

interface Shape {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: unknown
  readonly $response?: unknown
}

function thrown({ message = '', ...rest }: Shape): Error {
  return Object.assign(new Error(message), rest)
}

function answered(name: string, status = 400, message = ''): Error {
  return thrown({ name, message, $metadata: { httpStatusCode: status } })
}

const ROWS: readonly { readonly name: string; readonly error: unknown; readonly failure: Failure }[] = [
  {
    name: 'an error of the service',
    error: answered('InvalidStateException', 400, 'The CA is\nnot ACTIVE'),
    failure: { kind: 'refused', name: 'InvalidState', words: 'The CA is not ACTIVE' },
  },
  {
    name: 'an error of the query protocol',
    error: answered('ExpiredToken', 403),
    failure: { kind: 'refused', name: 'ExpiredToken', words: '' },
  },
  {
    name: 'too many requests, whatever it is called',
    error: answered('UnknownError', 429),
    failure: { kind: 'refused', name: 'Throttling', words: '' },
  },
  { name: 'an error of the server', error: answered('InternalFailure', 500), failure: { kind: 'server', status: 500 } },
  {
    name: 'a request that was given up on',
    error: answered('RequestAbortedException', 400),
    failure: { kind: 'server', status: 400 },
  },
  {
    name: 'a request that took too long',
    error: answered('RequestTimeoutException', 408),
    failure: { kind: 'server', status: 408 },
  },
  {
    name: 'a page of a balancer',
    error: thrown({ name: 'SyntaxError', $response: { statusCode: 502 } }),
    failure: { kind: 'server', status: 502 },
  },
  {
    name: 'a page of a firewall',
    error: thrown({ name: 'SyntaxError', $response: { statusCode: 403 } }),
    failure: { kind: 'unreadable', status: 403 },
  },
  {
    name: 'an answer without a name',
    error: answered('UnknownError', 400),
    failure: { kind: 'unreadable', status: 400 },
  },
  { name: 'a redirect', error: answered('UnknownError', 307), failure: { kind: 'unreadable', status: 307 } },
  {
    name: 'no JSON',
    error: thrown({ name: 'SyntaxError', $response: { statusCode: 200 } }),
    failure: { kind: 'unreadable', status: 200 },
  },
  { name: 'anything else', error: new TypeError('x'), failure: { kind: 'unreadable', status: undefined } },
  { name: 'no error at all', error: 'x', failure: { kind: 'unreadable', status: undefined } },
  {
    name: 'a strange status',
    error: thrown({ $metadata: { httpStatusCode: '400' } }),
    failure: { kind: 'unreadable', status: undefined },
  },
  {
    name: 'no credentials',
    error: thrown({ name: 'CredentialsProviderError' }),
    failure: { kind: 'no-credentials' },
  },
  {
    name: 'a lost answer',
    error: new TransportError('ECONNRESET', true, undefined),
    failure: { kind: 'lost', code: 'ECONNRESET' },
  },
  {
    name: 'no connection',
    error: new TransportError('ECONNREFUSED', false, undefined),
    failure: { kind: 'unreached', code: 'ECONNREFUSED' },
  },
]

for (const { name, error, failure } of ROWS) {
  test(`failure: ${name}`, () => assert.deepEqual(readFailure(error), failure))
}

test('words of AWS hold no key, no token and no end', () => {
  const arn = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555'
  const secret = `${'FwoGZXIvYXdzE'.repeat(4)}/+==`
  const message = `key AKIAIOSFODNN7EXAMPLE token ${secret} of ${arn} ${'word '.repeat(200)}`
  const failure = readFailure(answered('ValidationException', 400, message))
  assert.ok(failure.kind === 'refused')
  assert.ok(failure.words.startsWith(`key … token … of ${arn} word `))
  assert.ok(failure.words.length <= 601)
})

const REFUSED = (name: string): Failure => ({ kind: 'refused', name, words: '' })

test('what may have been done, and what cannot', () => {
  const done: readonly Failure[] = [
    { kind: 'server', status: 503 },
    { kind: 'lost', code: 'TIMEOUT' },
    { kind: 'unreadable', status: 200 },
    { kind: 'unreadable', status: undefined },
  ]
  const undone: readonly Failure[] = [
    REFUSED('Throttling'),
    REFUSED('AccessDenied'),
    { kind: 'unreached', code: 'ENOTFOUND' },
    { kind: 'unreadable', status: 307 },
    { kind: 'no-credentials' },
  ]
  assert.deepEqual([done.map(mayHaveActed), undone.map(mayHaveActed)], [done.map(() => true), undone.map(() => false)])
})

test('what other credentials would mend, and what the same ones might', () => {
  const names = ['ExpiredToken', 'UnrecognizedClient', 'InvalidSignature', 'SignatureDoesNotMatch', 'AccessDenied']
  assert.deepEqual(
    names.map((name) => isStale(REFUSED(name))),
    [true, true, true, true, false],
  )
  assert.deepEqual(
    names.map((name) => isSignatureFailure(REFUSED(name))),
    [false, false, true, true, false],
  )
  assert.deepEqual(
    ['Throttling', 'TooManyRequests', 'LimitExceeded'].map((name) => isThrottle(REFUSED(name))),
    [true, true, false],
  )
})
