import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Authority, Backend, Closable, Discarding, SigningResult } from './backend.ts'
import { SigningError } from './backend.ts'
import { closedAfterCalls } from './draining.ts'

const never = new AbortController().signal
const REQUEST = {} as Parameters<Backend['sign']>[0]
const CERTIFICATE = {} as Authority['certificate']
const PENDING: SigningResult = { state: 'pending', pollAfterMs: 1 }

/** A back end whose calls end when the test says so, and a record of what came to an end. */
function stage() {
  const ended: string[] = []
  const gates = { check: Promise.withResolvers<void>(), sign: Promise.withResolvers<void>() }
  const revoked = Promise.withResolvers<void>()
  const inner: Backend & Closable & Discarding = {
    check: async () => {
      await gates.check.promise.finally(() => ended.push('check'))
      return {} as Authority
    },
    sign: async () => {
      await gates.sign.promise.finally(() => ended.push('sign'))
      return PENDING
    },
    discard: async () => {
      await revoked.promise
      ended.push('discard')
    },
    close: async () => void ended.push('close'),
  }
  return { ended, gates, revoked, backend: closedAfterCalls(inner) }
}

const turn = (): Promise<void> => new Promise(setImmediate)

test('closing waits for every call under way, be its end good or bad', async () => {
  const { backend, ended, gates, revoked } = stage()
  const [checking, signing] = [backend.check(never), backend.sign(REQUEST, never)]
  const discarding = backend.discard(CERTIFICATE)
  const closing = backend.close()
  await turn()
  assert.deepEqual(ended, [])
  gates.check.reject(new Error('no'))
  await assert.rejects(checking, /^Error: no$/)
  revoked.resolve()
  await discarding
  await turn()
  assert.deepEqual(ended, ['check', 'discard'])
  gates.sign.resolve()
  assert.equal(await signing, PENDING)
  await closing
  assert.deepEqual(ended, ['check', 'discard', 'sign', 'close'])
})

test('no call begins any more, and it is closed once', async () => {
  const { backend, ended } = stage()
  const closing = Promise.all([backend.close(), backend.close()])
  for (const call of [() => backend.check(never), () => backend.sign(REQUEST, never)]) {
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof SigningError)
      assert.deepEqual([error.remedy, error.code, error.part], ['retry', 'backend-closed', undefined])
      return true
    })
  }
  await closing
  await backend.close()
  assert.deepEqual(ended, ['close'])
})
