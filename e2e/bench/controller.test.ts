import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readFirstLine } from './controller.ts'

it('takes flags and variables from the first line of the bundle', () => {
  assert.deepEqual(readFirstLine('#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-old-space-size=64 --expose-gc'), {
    nodeFlags: ['--max-old-space-size=64', '--expose-gc'],
    environment: { MALLOC_ARENA_MAX: '1' },
  })
  assert.deepEqual(readFirstLine('#!/usr/bin/env node'), { nodeFlags: [], environment: {} })
})
