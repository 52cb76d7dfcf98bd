import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LostAnswers, type Sent } from './lost-answers.ts'

const MINUTE_MS = 60_000

function sent(at: number, number = 1): Sent {
  return { token: 'token', at, number }
}

test('a repeat with the same token finds what was made, as long as AWS remembers it', () => {
  const lost = new LostAnswers()
  assert.equal(lost.strays('uid-1', 'token', 0), false)
  assert.equal(lost.note('uid-1', sent(0)), 1)
  assert.equal(lost.strays('uid-1', 'token', MINUTE_MS), false)
  assert.equal(lost.note('uid-1', sent(MINUTE_MS)), 2)
  assert.equal(lost.strays('uid-1', 'token', 290_000 - 1), false)
  // Counted from the first call, which is the one that may have made it.
  assert.equal(lost.strays('uid-1', 'token', 290_000), true)
  assert.equal(lost.strays('uid-1', 'token', 290_001), false, 'it is told once')
})

test('another token does not find it', () => {
  const lost = new LostAnswers()
  lost.note('uid-1', sent(0))
  assert.equal(lost.strays('uid-1', 'other', 1), true)
  assert.equal(lost.strays('uid-2', 'other', 1), false)
})

test('what was found is settled', () => {
  const lost = new LostAnswers()
  lost.note('uid-1', sent(0))
  lost.settle('uid-1')
  assert.equal(lost.strays('uid-1', 'token', 10 * MINUTE_MS), false)
})

test('no more than ten thousand are remembered, the latest', () => {
  const lost = new LostAnswers()
  for (let index = 0; index <= 10_000; index += 1) lost.note(`uid-${index}`, sent(0))
  assert.equal(lost.size, 10_000)
  assert.equal(lost.strays('uid-0', 'other', 1), false)
  assert.equal(lost.strays('uid-1', 'other', 1), true)
})

test('the place in the line that it had at first is kept for the repeat, until it is settled', () => {
  const lost = new LostAnswers()
  assert.equal(lost.number('uid-1'), undefined)
  lost.note('uid-1', sent(0, 7))
  lost.note('uid-1', sent(1000, 9))
  assert.equal(lost.number('uid-1'), 7)
  lost.settle('uid-1')
  assert.equal(lost.number('uid-1'), undefined)
})
