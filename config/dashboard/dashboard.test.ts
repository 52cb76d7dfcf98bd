import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { METRICS, type MetricDescription } from '../../src/ops/metric-table.ts'
import { namesIn } from '../query-names.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Dashboard {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const TEXT = readFileSync(join(import.meta.dirname, 'mesh-ca-issuer.json'), 'utf8')
const DASHBOARD: Dashboard = JSON.parse(TEXT)
const QUERIES = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
)
/** Labels that a scraper and histograms add. */
const ADDED = ['job', 'instance', 'le']

function metricsIn(expr: string): readonly MetricDescription[] {
  return namesIn(expr).series.map(({ name, metric }) => metric ?? assert.fail(`there is no metric ${name}`))
}

for (const { title, expr, legendFormat } of QUERIES) {
  test(`${title}: ${expr.slice(0, 60)} asks for what there is`, () => {
    const metrics = metricsIn(expr)
    assert.ok(metrics.length > 0)
    const labels = [...metrics.flatMap((metric) => metric.labels), ...ADDED]
    const { groupedBy: grouped, matchers } = namesIn(expr)
    const matched = matchers.map(({ label }) => label)
    const shown = [...legendFormat.matchAll(/\{\{([a-z0-9]+)\}\}/g)].map(([, label = '']) => label)
    for (const label of [...grouped, ...matched, ...shown]) assert.ok(labels.includes(label), `no label ${label}`)
    for (const label of shown) assert.ok(grouped.length === 0 || grouped.includes(label), `${label} is summed away`)
  })
}

test('every metric that tells of requests, PKIs and certificates is on it', () => {
  const used = new Set(QUERIES.flatMap(({ expr }) => metricsIn(expr).map(({ name }) => name)))
  const missing = Object.values(METRICS)
    .map(({ name }) => name)
    .filter((name) => !used.has(name))
  assert.deepEqual(missing, [
    'meshca_issuer_authority_not_before_timestamp_seconds',
    'meshca_issuer_default_duration_seconds',
    'meshca_intermediate_renewal_timestamp_seconds',
    'meshca_unlisted',
  ])
})

test('panels have ids of their own, words, and a place that no other has', () => {
  const { panels } = DASHBOARD
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { type, title, description = '', gridPos } of panels) {
    assert.ok(type === 'row' || description.endsWith('.'), title)
    assert.ok(gridPos.x + gridPos.w <= 24, title)
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  )
  assert.equal(new Set(cells).size, cells.length)
})

test('it names no data source and no place of its maker', () => {
  assert.deepEqual(
    [...TEXT.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid).filter((uid = '') => !uid.startsWith('$')),
    ['mesh-ca-issuer'],
  )
  assert.doesNotMatch(TEXT, /https?:/)
})

test('the variables ask for what there is', () => {
  for (const { definition } of DASHBOARD.templating.list)
    if (definition !== undefined) assert.ok(metricsIn(definition).length > 0)
})
