import assert from 'node:assert/strict'
import { test } from 'node:test'
import { report } from './health.ts'

const ROWS = [
  { name: 'no checks', problems: [], expected: { ok: true, text: 'ok\n' } },
  { name: 'checks that hold', problems: [undefined, undefined], expected: { ok: true, text: 'ok\n' } },
  { name: 'one that does not', problems: [undefined, 'late'], expected: { ok: false, text: 'late\n' } },
  { name: 'two that do not', problems: ['late', 'lost'], expected: { ok: false, text: 'late\nlost\n' } },
]

for (const { name, problems, expected } of ROWS) {
  test(`reports ${name}`, () => {
    assert.deepEqual(report(problems.map((problem) => () => problem)), expected)
  })
}
