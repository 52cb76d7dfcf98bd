import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { METRICS } from './metric-table.ts'
import { makeMetrics } from './metrics.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
const ALL = Object.values(METRICS)

test('docs/metrics.md lists every metric as it is, and no other', () => {
  const rows = ALL.map(({ name, type, labels, help }) => {
    const words = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${words} | ${help} |`
  })
  const listed = PAGE.split('\n').filter((line) => /^\| `[a-z_]+` \| (?:counter|gauge|histogram) \|/.test(line))
  assert.deepEqual(listed, rows)
})

test('the registry holds every metric of the table, and no other', async () => {
  const nothing = { requests: [], issuers: [], intermediates: [] }
  const sources = { queueDepths: () => ({}), reflectorAgeSeconds: () => 0, isLeader: () => true }
  const text = await makeMetrics({ ...sources, observed: () => nothing }).text()
  const made = [...text.matchAll(/^# HELP (\S+) (.+)\n# TYPE (\S+) (\S+)$/gm)].map(([, name, help, , type]) => [
    name,
    type,
    help,
  ])
  const expected = ALL.map(({ name, type, help }) => [name, type, help])
  assert.deepEqual(made.sort(), expected.sort())
})

test('names say their unit, and only counters end in _total', () => {
  for (const { name, type } of ALL) {
    assert.match(name, /^(?:meshca|process)_[a-z]+(?:_[a-z]+)*$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    if (type === 'histogram') assert.match(name, /_seconds$/)
  }
})
