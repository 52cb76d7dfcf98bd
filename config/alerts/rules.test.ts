import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { METRICS, type MetricDescription } from '../../src/ops/metric-table.ts'
import { type AlertRule, firing } from './alerting.ts'
import { keyOf } from './promql-evaluate.ts'
import { type Expression, parsePromql, type Selector, secondsOf } from './promql-parse.ts'
import { type Labels, parseSeries } from './series.ts'

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[]
}

interface RuleTests {
  readonly evaluation_interval: string
  readonly tests: readonly {
    readonly name: string
    readonly interval: string
    readonly input_series: readonly { readonly series: string; readonly values: string }[]
    readonly alert_rule_test: readonly {
      readonly eval_time: string
      readonly alertname: string
      readonly exp_alerts: readonly { readonly exp_labels: Labels; readonly exp_annotations: Labels }[]
    }[]
  }[]
}

const read = (name: string): unknown => parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
const { groups } = read('rules.yaml') as RuleFile
const TESTS = read('rules_test.yaml') as RuleTests
const RULES = groups.flatMap(({ rules }) => rules)
const RUN_BOOKS = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8')

for (const { name, interval, input_series, alert_rule_test } of TESTS.tests) {
  const series = input_series.map(({ series: one, values }) => parseSeries(one, values, secondsOf(interval)))
  for (const { eval_time, alertname, exp_alerts } of alert_rule_test) {
    test(`${alertname} after ${eval_time}, with ${name}: ${exp_alerts.length}`, () => {
      const rule = RULES.find(({ alert }) => alert === alertname)
      assert.ok(rule, 'there is such a rule')
      const when = { at: secondsOf(eval_time), everySeconds: secondsOf(TESTS.evaluation_interval) }
      const expected = exp_alerts.map(({ exp_labels, exp_annotations }) => ({
        labels: exp_labels,
        annotations: exp_annotations,
      }))
      const byLabels = (a: { readonly labels: Labels }, b: { readonly labels: Labels }) =>
        keyOf(a.labels) < keyOf(b.labels) ? -1 : 1
      assert.deepEqual([...firing(rule, series, when)].sort(byLabels), expected.sort(byLabels))
    })
  }
}

for (const { alert, expr, labels, annotations } of RULES) {
  test(`${alert} is tested both ways, has a severity, words and a run-book`, () => {
    const counts = TESTS.tests.flatMap(({ alert_rule_test }) =>
      alert_rule_test.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length),
    )
    assert.ok(counts.includes(0) && counts.some((count) => count > 0))
    assert.match(labels.severity ?? '', /^(?:critical|warning)$/)
    assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url'])
    assert.equal(annotations.runbook_url, `docs/alerts.md#${alert.toLowerCase()}`)
    assert.ok(RUN_BOOKS.includes(`\n## ${alert}\n`), 'a section of docs/alerts.md')
    assert.match(
      RUN_BOOKS,
      new RegExp(`^\\| \\[${alert}\\]\\(#${alert.toLowerCase()}\\) \\| ${labels.severity} \\|`, 'm'),
    )
  })

  test(`${alert} asks for metrics, labels and values that there are`, () => {
    const selectors = selectorsOf(parsePromql(expr))
    assert.ok(selectors.length > 0)
    for (const { metric, matchers } of selectors) {
      const described = metricOf(metric)
      assert.ok(described, metric)
      for (const { label } of matchers) assert.ok(described.labels.includes(label), `${metric} has no label ${label}`)
    }
  })
}

test('the run-books are about alerts that there are', () => {
  const sections = [...RUN_BOOKS.matchAll(/^## (\S+)$/gm)].map(([, name]) => name)
  assert.deepEqual(sections.sort(), RULES.map(({ alert }) => alert).sort())
})

/** The metric that a series belongs to; a histogram shows three. */
function metricOf(series: string): MetricDescription | undefined {
  return Object.values<MetricDescription>(METRICS).find(
    ({ name, type }) =>
      name === series || (type === 'histogram' && [`${name}_count`, `${name}_sum`, `${name}_bucket`].includes(series)),
  )
}

function selectorsOf(expression: Expression): readonly Selector[] {
  switch (expression.type) {
    case 'selector':
      return [expression.selector]
    case 'number':
      return []
    case 'aggregate':
      return selectorsOf(expression.of)
    case 'call':
      return expression.argument === undefined ? [] : selectorsOf(expression.argument)
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)]
  }
}
