import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Turns } from './turns.ts'

/** Keys are called after their owner: `a1`, `a2`, `b1`. */
function turnsOf(turns: number): Turns {
  return new Turns({ turns, ownerOf: (key) => key.slice(0, 1) })
}

function all(turns: Turns): readonly string[] {
  const given: string[] = []
  for (let key = turns.next(); key !== undefined; key = turns.next()) given.push(key)
  return given
}

const ROWS: readonly {
  readonly name: string
  readonly turns: number
  readonly keys: string
  readonly given: string
}[] = [
  { name: 'one owner gets half, first come first served', turns: 6, keys: 'a1 a2 a3 a4 a5', given: 'a1 a2 a3' },
  {
    name: 'two owners get a third each, one after the other',
    turns: 6,
    keys: 'a1 a2 a3 b1 b2 b3',
    given: 'a1 b1 a2 b2',
  },
  { name: 'a key waits once', turns: 6, keys: 'a1 a1 a2', given: 'a1 a2' },
  { name: 'of two turns one is given', turns: 2, keys: 'a1 a2', given: 'a1' },
  { name: 'without a bound all come', turns: Number.POSITIVE_INFINITY, keys: 'a1 a2 b1', given: 'a1 b1 a2' },
]

for (const { name, turns, keys, given } of ROWS) {
  test(name, () => {
    const line = turnsOf(turns)
    for (const key of keys.split(' ')) line.join(key)
    assert.deepEqual(all(line).join(' '), given)
    assert.equal(line.waiting, new Set(keys.split(' ')).size - given.split(' ').length)
  })
}

test('an owner that gives nothing back leaves as much as it has to others', () => {
  const turns = turnsOf(8)
  for (const key of ['a1', 'a2', 'a3', 'a4', 'a5']) turns.join(key)
  assert.deepEqual(all(turns), ['a1', 'a2', 'a3', 'a4'])
  turns.join('b1')
  assert.deepEqual(all(turns), ['b1'])
})

test('a turn that is over is given to the next, and ends once', () => {
  const turns = turnsOf(2)
  for (const key of ['a1', 'a2', 'a3']) turns.join(key)
  assert.deepEqual(all(turns), ['a1'])
  turns.over('a1')
  turns.over('a1')
  turns.over('a2')
  assert.deepEqual(all(turns), ['a2'])
})

test('of 2^n turns n owners can hang on to theirs, and every other one gets all its keys through', () => {
  const owners = ['a', 'b', 'c', 'd', 'e']
  fc.assert(
    fc.property(
      fc.subarray(owners, { maxLength: 4 }),
      fc.nat(24),
      fc.array(fc.tuple(fc.constantFrom(...owners), fc.nat(20)), { maxLength: 100 }),
      (hanging, more, asked) => {
        const turns = turnsOf(Math.max(2, 2 ** hanging.length) + more)
        const keys = asked.map(([owner, number]) => `${owner}${number}`)
        const served = new Set<string>()
        for (const key of keys) {
          turns.join(key)
          serve(turns, hanging, served)
        }
        const wanted = new Set(keys.filter((key) => !hanging.includes(key.slice(0, 1))))
        assert.deepEqual([...served].sort(), [...wanted].sort())
      },
    ),
  )
})

test('one more who hangs, each when the one before has all it may, holds up the rest', () => {
  const turns = turnsOf(4)
  const given = ['a1 a2 a3', 'b1 b2', 'c1', 'd1'].map((keys) => {
    for (const key of keys.split(' ')) turns.join(key)
    return all(turns).join(' ')
  })
  assert.deepEqual(given, ['a1 a2', 'b1', 'c1', ''])
})

/** Gives back at once what does not hang. */
function serve(turns: Turns, hanging: readonly string[], served: Set<string>): void {
  for (let key = turns.next(); key !== undefined; key = turns.next()) {
    if (hanging.includes(key.slice(0, 1))) continue
    served.add(key)
    turns.over(key)
  }
}
