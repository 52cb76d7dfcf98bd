import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SigningError } from '../backends/backend.ts'
import { callPki, type PkiLimit } from './pki-call.ts'

/** Time that passes when `pass` is called. */
function limitOf(signal = new AbortController().signal): {
  readonly limit: PkiLimit
  readonly pass: () => void
  readonly waiting: () => number
} {
  const acts = new Set<() => void>()
  return {
    limit: {
      signal,
      ms: 60_000,
      after: (ms, act) => {
        assert.equal(ms, 60_000)
        acts.add(act)
        return () => acts.delete(act)
      },
    },
    pass: () => {
      for (const act of acts) act()
    },
    waiting: () => acts.size,
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

test('an answer in time is the answer, and no timer is left behind', async () => {
  const { limit, waiting } = limitOf()
  assert.equal(await callPki(limit, async () => 'answer'), 'answer')
  assert.equal(waiting(), 0)
})

test('no answer in time is an error of the PKI that time may mend', async () => {
  const { limit, pass, waiting } = limitOf()
  const call = callPki(limit, untilAborted)
  pass()
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof SigningError)
    assert.deepEqual(
      [error.remedy, error.code, error.message],
      ['retry', 'pki-timeout', 'the PKI did not answer within 60 s'],
    )
    return true
  })
  assert.equal(waiting(), 0)
})

test('a stop from outside is no fault of the PKI', async () => {
  const stop = new AbortController()
  const call = callPki(limitOf(stop.signal).limit, untilAborted)
  stop.abort()
  await assert.rejects(call, { name: 'AbortError' })
})

test('what the PKI says itself is passed on, late or not', async () => {
  const { limit, pass } = limitOf()
  const own = new SigningError('give-up', 'malformed', 'no')
  const call = callPki(limit, async (signal) => untilAborted(signal).catch(() => Promise.reject(own)))
  pass()
  await assert.rejects(call, own)
  await assert.rejects(
    callPki(limit, () => Promise.reject(new TypeError('x'))),
    TypeError,
  )
})
