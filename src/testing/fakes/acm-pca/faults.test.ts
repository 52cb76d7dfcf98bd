import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type FaultRule, Faults } from './faults.ts'

const ISSUE = 'IssueCertificate'
const GET = 'GetCertificate'
const THROTTLE = { kind: 'throttle' } as const

/** One letter for each call, of issuing and fetching in turn: an x where the fault strikes. */
function struck(calls: number, ...rules: readonly FaultRule[]): string {
  const faults = new Faults()
  faults.plan(...rules)
  return Array.from({ length: calls }, (_, index) => (faults.next(index % 2 === 0 ? ISSUE : GET) ? 'x' : '.')).join('')
}

const PLANS: readonly (readonly [string, readonly FaultRule[], string])[] = [
  ['no rule', [], '........'],
  ['the next call', [{ fault: THROTTLE }], 'x.......'],
  ['the next three', [{ fault: THROTTLE, times: 3 }], 'xxx.....'],
  ['the third', [{ fault: THROTTLE, nth: 3 }], '..x.....'],
  ['two from the third', [{ fault: THROTTLE, nth: 3, times: 2 }], '..xx....'],
  ['the next of one operation', [{ fault: THROTTLE, operation: GET }], '.x......'],
  ['its second and third', [{ fault: THROTTLE, operation: GET, nth: 2, times: 2 }], '...x.x..'],
  ['two rules for one call: the second waits', [{ fault: THROTTLE }, { fault: { kind: 'reset' } }], 'xx......'],
  ['always', [{ fault: THROTTLE, probability: 1 }], 'xxxxxxxx'],
  ['never', [{ fault: THROTTLE, probability: 0 }], '........'],
  ['always, three times', [{ fault: THROTTLE, probability: 1, times: 3 }], 'xxx.....'],
]

describe('a plan strikes', () => {
  for (const [title, rules, expected] of PLANS) {
    test(title, () => {
      assert.equal(struck(8, ...rules), expected)
    })
  }
})

test('a probability is kept, in the same order for the same seed', () => {
  const rule = { fault: THROTTLE, probability: 0.2, seed: 7 }
  const calls = struck(1000, rule)
  const share = calls.replaceAll('.', '').length / 1000
  assert.ok(share > 0.15 && share < 0.25, `${share}`)
  assert.equal(struck(1000, rule), calls)
  assert.notEqual(struck(1000, { ...rule, seed: 8 }), calls)
})

test('what was planned and not met is counted, probabilities are not', () => {
  const faults = new Faults()
  faults.plan({ fault: THROTTLE, times: 3 }, { fault: THROTTLE, probability: 0.5 })
  faults.next(GET)
  assert.equal(faults.left, 2)
  faults.clear()
  assert.equal(faults.left, 0)
})

test('an outage strikes before any plan, which waits until it is over', () => {
  const faults = new Faults()
  faults.plan({ fault: THROTTLE })
  faults.outage(true)
  const during = faults.next(GET)
  faults.outage({ kind: 'hang' })
  const hanging = faults.next(GET)
  faults.outage(false)
  assert.deepEqual([during, hanging, faults.next(GET)], [{ kind: 'reset' }, { kind: 'hang' }, THROTTLE])
})

test('latency is that of the operation, or of all', () => {
  const faults = new Faults()
  faults.latency(60)
  faults.latency(5, GET)
  const both = [faults.latencyOf(ISSUE), faults.latencyOf(GET)]
  faults.latency(0)
  assert.deepEqual(
    [both, [faults.latencyOf(ISSUE), faults.latencyOf(GET)]],
    [
      [60, 5],
      [0, 5],
    ],
  )
})

test('what hangs is let go at once, or by its caller', async () => {
  const faults = new Faults()
  const caller: (() => void)[] = []
  const hanging = [1, 2].map(() => faults.hang((letGo) => caller.push(letGo)))
  assert.equal(faults.hanging, 2)
  caller[0]?.()
  await hanging[0]
  assert.equal(faults.hanging, 1)
  faults.release()
  await hanging[1]
  assert.equal(faults.hanging, 0)
})
