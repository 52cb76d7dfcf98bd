import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate, type Value } from './promql-evaluate.ts'
import { parsePromql } from './promql-parse.ts'
import { parseSeries } from './series.ts'

const SERIES = [
  parseSeries('a{x="1",y="p"}', '1+1x10', 60),
  parseSeries('a{x="1",y="q"}', '5x10', 60),
  parseSeries('a{x="2",y="p"}', '9x2 _ _ 7', 60),
  parseSeries('b{x="1"}', '2x10', 60),
  parseSeries('c', '0+1x3 0+1x6', 60),
]
const none = {}

/** At five minutes; what is expected is what Prometheus gives. */
const ROWS: readonly (readonly [expr: string, expected: Value])[] = [
  ['1 + 2 * 3 - 4 / 2', 5],
  ['(1 + 2) * 3', 9],
  ['10 - 3 - 2', 5],
  ['time()', 300],
  ['b', [{ labels: { x: '1' }, value: 2 }]],
  ['a{y="q"}', [{ labels: { x: '1', y: 'q' }, value: 5 }]],
  ['a{x=~"1|3",y="p"}', [{ labels: { x: '1', y: 'p' }, value: 6 }]],
  ['a{x=~"1"} > 5', [{ labels: { x: '1', y: 'p' }, value: 6 }]],
  [
    'max by (x) (a)',
    [
      { labels: { x: '1' }, value: 6 },
      { labels: { x: '2' }, value: 7 },
    ],
  ],
  [
    'min by (x) (a)',
    [
      { labels: { x: '1' }, value: 5 },
      { labels: { x: '2' }, value: 7 },
    ],
  ],
  ['sum(a)', [{ labels: none, value: 18 }]],
  ['sum by (z) (a)', [{ labels: none, value: 18 }]],
  ['max by (x) (a) - b', [{ labels: { x: '1' }, value: 4 }]],
  [
    'max by (x) (a) - time()',
    [
      { labels: { x: '1' }, value: -294 },
      { labels: { x: '2' }, value: -293 },
    ],
  ],
  ['b == 2', [{ labels: { x: '1' }, value: 2 }]],
  ['b == 3', []],
  ['absent(nothing)', [{ labels: none, value: 1 }]],
  ['absent(b)', []],
  [
    'absent(b == 3) or b',
    [
      { labels: none, value: 1 },
      { labels: { x: '1' }, value: 2 },
    ],
  ],
  [
    'b or max by (x) (a)',
    [
      { labels: { x: '1' }, value: 2 },
      { labels: { x: '2' }, value: 7 },
    ],
  ],
  ['max by (x) (a) and b', [{ labels: { x: '1' }, value: 6 }]],
  ['b > 1 and b < 3', [{ labels: { x: '1' }, value: 2 }]],
  ['increase(c[5m])', [{ labels: none, value: 3 }]],
  ['sum(rate(c[1h])) * 3600', [{ labels: none, value: 4 }]],
  ['increase(b[30s])', []],
]

for (const [expr, expected] of ROWS) {
  test(`${expr}`, () => assert.deepEqual(evaluate(parsePromql(expr), SERIES, 300), expected))
}

test('a series without a sample for five minutes is gone', () => {
  const at = (seconds: number) => evaluate(parsePromql('b'), [parseSeries('b', '1', 60)], seconds)
  assert.deepEqual(at(299), [{ labels: {}, value: 1 }])
  assert.deepEqual(at(300), [])
})

const REFUSED = [
  'a unless b',
  'a{x!="1"}',
  'topk(3, a)',
  'a offset 5m',
  'sum without (x) (a)',
  'a > bool 1',
  'a[5m]',
  'rate(a)',
  '1 < 2',
  '2 * a',
  'a >= 1',
  'sum(a',
  'max by (x) (1)',
  'a{x="1}',
  '',
]

for (const expr of REFUSED) {
  test(`refuses ${expr === '' ? 'nothing' : expr}`, () => {
    assert.throws(() => evaluate(parsePromql(expr), SERIES, 300), Error)
  })
}
