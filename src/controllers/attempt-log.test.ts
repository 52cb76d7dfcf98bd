import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttemptLog } from './attempt-log.ts'

test('a base is kept per UID until it is forgotten', () => {
  const log = new AttemptLog()
  assert.equal(log.base('a'), undefined)
  log.sending('a', 1000)
  log.sending('b', 2000)
  log.sending('a', 3000)
  assert.deepEqual([log.base('a'), log.base('b')], [3000, 2000])
  log.forget('a')
  assert.deepEqual([log.base('a'), log.base('b')], [undefined, 2000])
})

test('settled is what was said last', () => {
  const log = new AttemptLog()
  assert.equal(log.isSettled('a'), false)
  log.settle('a')
  assert.deepEqual([log.isSettled('a'), log.isSettled('b')], [true, false])
  log.reopen('a')
  assert.equal(log.isSettled('a'), false)
  log.settle('a')
  log.forget('a')
  assert.equal(log.isSettled('a'), false)
})

test('reopening keeps the base: a repeat must have equal content', () => {
  const log = new AttemptLog()
  log.sending('a', 1000)
  log.settle('a')
  log.reopen('a')
  assert.equal(log.base('a'), 1000)
})
