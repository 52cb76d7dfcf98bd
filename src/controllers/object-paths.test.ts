import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitKey } from './object-paths.ts'

test('a key is split at its first slash', () => {
  assert.deepEqual(['a/b', 'b', 'a/b/c', '/a', ''].map(splitKey), [
    ['a', 'b'],
    ['', 'b'],
    ['a', 'b/c'],
    ['', 'a'],
    ['', ''],
  ])
})
