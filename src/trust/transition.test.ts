import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  changeDigest,
  type Step,
  safeSequence,
  samePair,
  stepBetween,
  type TrustPair,
  trustPair,
} from './transition.ts'

const ROWS: readonly {
  readonly name: string
  readonly from: TrustPair
  readonly to: TrustPair
  readonly step: Step | undefined
}[] = [
  { name: 'nothing changed', from: trustPair('A', ['A']), to: trustPair('A', ['A']), step: 'same' },
  { name: 'order does not count', from: trustPair('A', ['A', 'B']), to: trustPair('A', ['B', 'A', 'B']), step: 'same' },
  { name: 'c1: the set gains B', from: trustPair('A', ['A']), to: trustPair('A', ['A', 'B']), step: 'widen' },
  {
    name: 'c2: the signer moves inside the set',
    from: trustPair('A', ['A', 'B']),
    to: trustPair('B', ['A', 'B']),
    step: 'move-signer',
  },
  {
    name: 'c3: A leaves, the signer stays',
    from: trustPair('B', ['A', 'B']),
    to: trustPair('B', ['B']),
    step: 'narrow',
  },
  {
    name: 'c4: A leaves together with the signer',
    from: trustPair('A', ['A', 'B']),
    to: trustPair('B', ['B']),
    step: undefined,
  },
  { name: 'c5: A is replaced by B at once', from: trustPair('A', ['A']), to: trustPair('B', ['B']), step: undefined },
  {
    name: 'c6: the set gains B together with the signer',
    from: trustPair('A', ['A']),
    to: trustPair('B', ['A', 'B']),
    step: undefined,
  },
  { name: 'c7: C is replaced by B', from: trustPair('A', ['A', 'C']), to: trustPair('A', ['A', 'B']), step: undefined },
  {
    name: 'c8: the own root of the signer leaves',
    from: trustPair('A', ['A', 'B']),
    to: trustPair('A', ['B']),
    step: undefined,
  },
  {
    name: 'the old signer was never in its set',
    from: trustPair('X', ['A']),
    to: trustPair('X', ['A', 'X']),
    step: undefined,
  },
]

for (const { name, from, to, step } of ROWS) {
  test(`step: ${name}`, () => assert.equal(stepBetween(from, to), step))
}

test('a safe sequence for the whole replacement of a root widens, moves and narrows', () => {
  assert.deepEqual(safeSequence(trustPair('A', ['A']), trustPair('B', ['B'])), [
    trustPair('A', ['A', 'B']),
    trustPair('B', ['A', 'B']),
    trustPair('B', ['B']),
  ])
})

const pairs = fc
  .tuple(fc.subarray(['A', 'B', 'C', 'D'], { minLength: 1 }), fc.nat())
  .map(([roots, pick]) => trustPair(roots[pick % roots.length] ?? 'A', roots))

test('a safe sequence consists of single steps and ends where it should', () => {
  fc.assert(
    fc.property(pairs, pairs, (from, to) => {
      const sequence = safeSequence(from, to)
      const path = [from, ...sequence]
      assert.ok(samePair(path.at(-1) ?? from, to))
      for (const [index, pair] of sequence.entries()) {
        const step = stepBetween(path[index] ?? from, pair)
        assert.ok(step !== undefined && step !== 'same')
      }
    }),
  )
})

test('after any single step a peer of either side is trusted by the other', () => {
  fc.assert(
    fc.property(pairs, pairs, (from, to) => {
      if (stepBetween(from, to) === undefined) return
      assert.ok(from.roots.includes(to.signerRoot) && to.roots.includes(from.signerRoot))
    }),
  )
})

test('the digest of a change names this change and no other', () => {
  fc.assert(
    fc.property(pairs, pairs, pairs, pairs, (a, b, c, d) => {
      const same = samePair(a, c) && samePair(b, d)
      assert.equal(changeDigest(a, b) === changeDigest(c, d), same)
    }),
  )
  assert.match(changeDigest(trustPair('A', ['A']), trustPair('B', ['B'])), /^[0-9a-f]{64}$/)
})
