import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Limiter } from './limiter.ts'

test('it begins full, and fills up with time but not beyond', () => {
  let now = 0
  const limiter = new Limiter(10, () => now)
  const burst = (): number => Array.from({ length: 50 }, () => limiter.take()).filter(Boolean).length
  assert.equal(burst(), 10)
  now += 450
  assert.equal(burst(), 4)
  now += 50
  assert.equal(burst(), 1)
  now += 3_600_000
  assert.equal(burst(), 10)
})

test('over any time it lets through a full bucket and what flowed in, no more', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 200 }), (gaps) => {
      let now = 0
      const limiter = new Limiter(10, () => now)
      let taken = 0
      for (const gap of gaps) {
        now += gap
        if (limiter.take()) taken += 1
      }
      assert.ok(taken <= 10 + now / 100 + 1e-6)
    }),
  )
})
