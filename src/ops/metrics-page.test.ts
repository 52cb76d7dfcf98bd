import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestCounts } from '../server/overview.ts'
import { LABEL_VALUES } from './labels.ts'
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

const EVERY_WORD = { backend: [...LABEL_VALUES.backend, '?'], kind: [...LABEL_VALUES.kind, '?'] }

/** All that can be said, and more issuers and intermediates than are listed. */
function saturated(): ReturnType<typeof makeMetrics> {
  const states: RequestCounts['states'] = { unapproved: 1, open: 1, denied: 1, settled: 1, elsewhere: 1 }
  const quotas = LABEL_VALUES.operation.map((operation) => ({ operation, perSecond: 1, tokens: 1, waiting: 1 }))
  const shown = { ready: true, defaultDurationMs: 1, rootNotAfter: 1, additionalRootNotAfter: 1, quotas }
  const numbers = Array.from({ length: 2000 }, (_, index) => index)
  const metrics = makeMetrics({
    queueDepths: () => ({ certificaterequests: 1, certificatesigningrequests: 1, issuers: 1 }),
    reflectorAgeSeconds: () => 0,
    isLeader: () => true,
    observed: () => ({
      requests: LABEL_VALUES.kind.map((kind) => ({ kind, states, oldestOpenMs: 1 })),
      issuers: numbers.map((index) => ({
        ...{ kind: 'MeshCAIssuer', issuer: `a/${index}`, ...shown, bundle: { sha256: `${index}`, root: 'r' } },
        authority: { notBefore: 1, notAfter: 1 },
      })),
      intermediates: numbers.map((index) => ({ certificate: `a/${index}`, notAfter: 1, renewalAt: 1 })),
    }),
  })
  const words = { outcome: [...LABEL_VALUES.outcome, '?'], reason: numbers.slice(0, 200).map((index) => `R${index}`) }
  for (const backend of EVERY_WORD.backend) {
    for (const what of [...LABEL_VALUES.what, '?']) metrics.incident(backend, what)
    for (const outcome of [...LABEL_VALUES.signed, ...words.reason]) metrics.signed(backend, outcome, 1)
    for (const kind of EVERY_WORD.kind)
      for (const outcome of words.outcome)
        for (const reason of words.reason) metrics.attempt({ backend, kind, outcome, reason, sinceApprovalMs: 1 })
  }
  return metrics
}

test('there are as many series as the page says at the most', async () => {
  const [, ...said] =
    /at most ([\d,]+) series of issuers, ([\d,]+) of intermediates and ([\d,]+) others/.exec(PAGE) ?? []
  const lines = (await saturated().text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const [issuers, intermediates] = ['meshca_issuer_', 'meshca_intermediate_'].map(
    (prefix) => lines.filter((line) => line.startsWith(prefix)).length,
  )
  const counts = [issuers ?? 0, intermediates ?? 0, lines.length - (issuers ?? 0) - (intermediates ?? 0)]
  assert.deepEqual(
    said,
    counts.map((count) => count.toLocaleString('en')),
  )
})
