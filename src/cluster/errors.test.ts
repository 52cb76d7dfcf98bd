import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, hasStatus, readStatus, refusal, unreachable } from './errors.ts'

function status(members: object): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    code: 409,
    reason: 'Conflict',
    message: 'was changed',
    ...members,
  })
}

const REFUSALS = [
  {
    name: 'a Status',
    args: [409, status({}), undefined],
    reason: 'Conflict',
    message: 'the API server answered 409: was changed',
    retryAfterMs: undefined,
  },
  {
    name: 'a Status with patience asked for',
    args: [429, status({ reason: 'TooManyRequests', message: 'slow down' }), '7'],
    reason: 'TooManyRequests',
    message: 'the API server answered 429: slow down',
    retryAfterMs: 7000,
  },
  {
    name: 'patience without end',
    args: [429, status({}), '999999'],
    reason: 'Conflict',
    message: 'the API server answered 429: was changed',
    retryAfterMs: 300_000,
  },
  {
    name: 'a date instead of seconds',
    args: [503, status({}), 'Mon, 23 Nov 2026 12:00:00 GMT'],
    reason: 'Conflict',
    message: 'the API server answered 503: was changed',
    retryAfterMs: undefined,
  },
  {
    name: 'a Status without reason and message',
    args: [500, status({ reason: undefined, message: undefined, code: 500 }), undefined],
    reason: 'Http500',
    message: 'the API server answered 500: Http500',
    retryAfterMs: undefined,
  },
  {
    name: 'a page of a proxy',
    args: [502, '<html>secret</html>', undefined],
    reason: 'Http502',
    message: 'the API server answered 502',
    retryAfterMs: undefined,
  },
  {
    name: 'JSON that is no Status',
    args: [400, '{"kind":"Secret","message":"secret"}', undefined],
    reason: 'Http400',
    message: 'the API server answered 400',
    retryAfterMs: undefined,
  },
] as const

for (const { name, args, ...expected } of REFUSALS) {
  test(`a refusal with ${name}`, () => {
    const [answered, body, retryAfter] = args
    const { status: code, reason, message, retryAfterMs } = refusal(answered, body, retryAfter)
    assert.deepEqual({ reason, message, retryAfterMs }, expected)
    assert.equal(code, answered)
  })
}

test('a long message of a Status is cut', () => {
  assert.equal(readStatus({ kind: 'Status', code: 500, message: 'x'.repeat(5000) })?.message.length, 500)
})

test('a connection that failed keeps its code and its cause', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
  const error = unreachable(cause)
  assert.deepEqual(
    { status: error.status, reason: error.reason, code: error.code, message: error.message, cause: error.cause },
    {
      status: 0,
      reason: 'Unreachable',
      code: 'ECONNREFUSED',
      message: 'the API server cannot be reached (ECONNREFUSED)',
      cause,
    },
  )
})

test('a certificate that is not trusted is said to be one', () => {
  const error = unreachable(Object.assign(new Error(), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }))
  assert.match(error.message, /certificate authority that is configured/)
})

test('only an answer of the API server has a status', () => {
  assert.equal(hasStatus(new ApiError(404, 'NotFound', 'none'), 404), true)
  assert.equal(hasStatus(new ApiError(404, 'NotFound', 'none'), 409), false)
  assert.equal(hasStatus({ status: 404 }, 404), false)
})
