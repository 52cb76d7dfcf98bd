import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BaseFacts, baseTime } from './lifetime.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
/** An approval. */
const WINDOW = Date.UTC(2026, 10, 23, 12)

const ROWS: readonly { readonly name: string; readonly facts: BaseFacts; readonly base: number }[] = [
  {
    name: 'approved within 10 minutes: the approval',
    facts: { approvedAt: WINDOW, now: WINDOW + 10 * MINUTE - SECOND, before: undefined },
    base: WINDOW,
  },
  {
    name: 'approved 10 minutes ago: the second window since',
    facts: { approvedAt: WINDOW, now: WINDOW + 10 * MINUTE, before: undefined },
    base: WINDOW + 10 * MINUTE,
  },
  {
    name: 'approved long ago',
    facts: { approvedAt: 0, now: WINDOW + 10 * MINUTE, before: undefined },
    base: WINDOW + 10 * MINUTE,
  },
  {
    name: 'approved by a clock that is ahead: not before it is time',
    facts: { approvedAt: WINDOW + MINUTE, now: WINDOW + 500, before: undefined },
    base: WINDOW,
  },
  {
    name: 'whole seconds',
    facts: { approvedAt: WINDOW + 1234, now: WINDOW + MINUTE, before: undefined },
    base: WINDOW + SECOND,
  },
  {
    name: 'a repeat keeps the base across the edge of a window',
    facts: { approvedAt: WINDOW, now: WINDOW + 20 * MINUTE, before: WINDOW },
    base: WINDOW,
  },
  {
    name: 'a repeat in the same second',
    facts: { approvedAt: 0, now: WINDOW + MINUTE, before: WINDOW + MINUTE },
    base: WINDOW + MINUTE,
  },
  {
    name: 'nor when the clock has been set back behind it',
    facts: { approvedAt: WINDOW, now: WINDOW + MINUTE, before: WINDOW + 2 * MINUTE },
    base: WINDOW,
  },
  {
    name: 'but not for longer than two windows',
    facts: { approvedAt: WINDOW, now: WINDOW + 20 * MINUTE + SECOND, before: WINDOW },
    base: WINDOW + 20 * MINUTE,
  },
]

for (const { name, facts, base } of ROWS) {
  test(`base time: ${name}`, () => assert.equal(baseTime(facts), base))
}

const instants = fc.integer({ min: 60 * MINUTE, max: Date.UTC(2100, 0) })

test('the base time is a whole second, never in the future and never older than two windows', () => {
  fc.assert(
    fc.property(
      instants,
      instants,
      fc.option(fc.integer({ min: -60 * MINUTE, max: 60 * MINUTE }), { nil: undefined }),
      (approvedAt, now, age) => {
        const before = age === undefined ? undefined : Math.floor((now - age) / SECOND) * SECOND
        const base = baseTime({ approvedAt, now, before })
        assert.equal(base % SECOND, 0)
        assert.ok(base <= now)
        assert.ok(now - base <= 20 * MINUTE)
      },
    ),
  )
})

test('a restart within 10 minutes of the approval, or of any window since, comes to the same base', () => {
  const within = fc.nat(10 * MINUTE - 1)
  fc.assert(
    fc.property(instants, fc.nat(50), within, within, (approvedAt, windows, a, b) => {
      const start = approvedAt + windows * 10 * MINUTE
      assert.equal(
        baseTime({ approvedAt, now: start + a, before: undefined }),
        baseTime({ approvedAt, now: start + b, before: undefined }),
      )
    }),
  )
})
