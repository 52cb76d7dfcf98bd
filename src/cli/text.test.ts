import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { finding } from '../doctor/finding.ts'
import { findingsText, summary, table, wrap } from './text.ts'

const WORDS = fc.array(fc.stringMatching(/^[a-z.:"]{1,60}$/), { minLength: 1, maxLength: 60 })

test('wrapping keeps every word in its order, and every line of several words within the width', () => {
  fc.assert(
    fc.property(WORDS, fc.integer({ min: 0, max: 20 }), (words, depth) => {
      const lines = wrap(words.join(' '), ' '.repeat(depth), 80).slice(0, -1).split('\n')
      assert.deepEqual(
        lines.flatMap((line) => line.trimStart().split(' ')),
        words,
      )
      assert.deepEqual(
        lines.filter((line) => line.length > 80 && line.trimStart().includes(' ')),
        [],
      )
      assert.ok(lines.every((line) => line.startsWith(' '.repeat(depth))))
    }),
  )
})

const ROWS: readonly (readonly string[])[] = [
  ['east', 'istio-system/mesh', 'True'],
  ['arn:aws:eks:eu-central-1:111122223333:cluster/west', 'mesh', ''],
]

test('a table has columns as wide as what is in them, cuts long values in the middle, and ends no line with spaces', () => {
  const columns = [
    { title: 'CLUSTER', most: 20 },
    { title: 'ISSUER', most: 40 },
    { title: 'READY', most: 8 },
  ]
  assert.equal(
    table(columns, ROWS),
    'CLUSTER               ISSUER             READY\n' +
      'east                  istio-system/mesh  True\n' +
      'arn:aws:…luster/west  mesh\n',
  )
})

test('a summary counts', () => {
  const words = { what: 'it is old', where: 'here', remedy: 'renew it' }
  const [problem, warning] = [finding('NotACA', words), finding('CAEndsSoon', words)]
  assert.deepEqual([[], [problem], [warning, warning], [problem, warning]].map(summary), [
    'no findings',
    '1 problem',
    '2 warnings',
    '1 problem, 1 warning',
  ])
  assert.equal(
    findingsText([warning]),
    '\nWARNING  CAEndsSoon  here\n         It is old.\n         Remedy: renew it.\n',
  )
})
