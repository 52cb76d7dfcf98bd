import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pollGapMs } from './polling.ts'

test('gaps between polls double up to ten seconds', () => {
  const gaps = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((polls) => pollGapMs(polls, 0))
  assert.deepEqual(gaps, [150, 300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000])
})

test('chance shortens a gap by a fifth at most', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => pollGapMs(1, random)),
    [300, 270, 240],
  )
})
