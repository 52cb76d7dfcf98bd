import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { LABEL_VALUES } from '../../src/ops/labels.ts'
import { namesIn } from '../query-names.ts'

type Labels = Readonly<Record<string, string>>

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly labels: Labels
      readonly annotations: Labels
    }[]
  }[]
}

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly { readonly exp_annotations: Labels }[]
    }[]
  }[]
}

const read = (name: string): unknown => parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
const RULES = (read('rules.yaml') as RuleFile).groups.flatMap(({ rules }) => rules)
const ROWS = (read('rules_test.yaml') as RuleTests).tests.flatMap((one) => one.alert_rule_test)
const RUN_BOOKS = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8')
const ANNOTATIONS = ['summary', 'description', 'runbook_url']
/** Labels that a scraper adds. */
const SCRAPED = ['namespace', 'job']
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ...LABEL_VALUES,
  outcome: [...LABEL_VALUES.outcome, ...LABEL_VALUES.signed],
}

for (const { alert, expr, labels, annotations } of RULES) {
  test(`${alert} is tested both ways with all of its words, has a severity and a run-book`, () => {
    const expected = ROWS.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts)
    assert.ok(expected.some((alerts) => alerts.length === 0) && expected.some((alerts) => alerts.length > 0))
    for (const { exp_annotations } of expected.flat()) assert.deepEqual(Object.keys(exp_annotations), ANNOTATIONS)
    assert.match(labels.severity ?? '', /^(?:critical|warning)$/)
    assert.deepEqual(Object.keys(annotations), ANNOTATIONS)
    assert.equal(annotations.runbook_url, `docs/alerts.md#${alert.toLowerCase()}`)
    assert.ok(RUN_BOOKS.includes(`\n## ${alert}\n`), 'a section of docs/alerts.md')
    assert.match(
      RUN_BOOKS,
      new RegExp(`^\\| \\[${alert}\\]\\(#${alert.toLowerCase()}\\) \\| ${labels.severity} \\|`, 'm'),
    )
  })

  test(`${alert} asks for metrics, labels and values that there are`, () => {
    const { series, groupedBy, matchers } = namesIn(expr)
    assert.ok(series.length > 0)
    for (const { name, metric } of series) assert.ok(metric, `there is no metric ${name}`)
    const known = [...SCRAPED, ...series.flatMap(({ metric }) => metric?.labels ?? [])]
    for (const label of [...groupedBy, ...matchers.map((one) => one.label)]) assert.ok(known.includes(label), label)
    for (const { label, values } of matchers)
      for (const value of values) assert.ok(VALUES[label]?.includes(value), `${label} is never ${value}`)
  })
}

test('the run-books and the tests are about alerts that there are', () => {
  const alerts = RULES.map(({ alert }) => alert).sort()
  const sections = [...RUN_BOOKS.matchAll(/^## (MeshCA\S+)$/gm)].map(([, name]) => name)
  assert.deepEqual(sections.sort(), alerts)
  assert.deepEqual([...new Set(ROWS.map(({ alertname }) => alertname))].sort(), alerts)
})

test('the run-books speak of reasons and conditions that there are', () => {
  const src = join(import.meta.dirname, '../../src')
  const files = globSync('**/*.ts', { cwd: src, exclude: ['**/*.test.ts', 'testing/**'] })
  const source = files.map((file) => readFileSync(join(src, file), 'utf8')).join('\n')
  const words = [...RUN_BOOKS.matchAll(/`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`/g)].map(([, word = '']) => word)
  const kebab = (word: string) => word.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()
  assert.ok(words.length >= 10, words.join(' '))
  assert.deepEqual(
    words.filter((word) => !source.includes(`'${word}'`) && !source.includes(`'${kebab(word)}'`)),
    [],
  )
})
