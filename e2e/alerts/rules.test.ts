import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { openPromtool, type Promtool } from '../lab/promtool.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ALERTS = join(ROOT, 'config', 'alerts')

interface Rule {
  readonly alert: string
  readonly for?: string
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}

const RULE_FILE: RuleFile = parse(readFileSync(join(ALERTS, 'rules.yaml'), 'utf8'))
const RULES = RULE_FILE.groups.flatMap(({ rules }) => rules)

function minutes(duration = ''): number {
  const [, count, unit] = /^(\d+)([mh])$/.exec(duration) ?? assert.fail(duration)
  return Number(count) * (unit === 'h' ? 60 : 1)
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
}

const DASHBOARD: Dashboard = JSON.parse(readFileSync(join(ROOT, 'config', 'dashboard', 'mesh-ca-issuer.json'), 'utf8'))

/** With what Grafana would put in the place of its variables. */
function queryOf(expr: string): string {
  return expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '5m')
}

/** The queries that a page shows in its tables. */
function queriesIn(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  return [...text.matchAll(/^\| [^|`]+\? \| `([^`]+)` \|$/gm)].map(([, query = '']) => query.replaceAll('\\|', '|'))
}

describe("to Prometheus's own promtool", { timeout: 60_000 }, () => {
  let workspace: Workspace
  let promtool: Promtool
  before(async () => {
    workspace = await openWorkspace('alerts')
    promtool = await openPromtool(workspace)
  })
  after(() => workspace?.stop())

  test('the rules are well-formed', async () => {
    const { code, text } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', join(ALERTS, 'rules.yaml')])
    assert.equal(code, 0, text)
  })

  test('the rules fire when they should and not before, with the words that they should', async () => {
    const { code, text } = await promtool(['test', 'rules', join(ALERTS, 'rules_test.yaml')])
    assert.equal(code, 0, text)
  })

  for (const change of [1, -1]) {
    test(`a rule that holds back for ${change} min more does not pass`, async () => {
      const folder = await workspace.subfolder(`held-${change}`)
      const holding = RULES.filter((rule) => rule.for !== undefined)
      const rules = holding.map((rule) => ({ ...rule, for: `${minutes(rule.for) + change}m` }))
      await writeFile(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'changed', rules }] }))
      await cp(join(ALERTS, 'rules_test.yaml'), join(folder, 'rules_test.yaml'))
      const { code, text } = await promtool(['test', 'rules', join(folder, 'rules_test.yaml')])
      assert.equal(code, 1, text)
      assert.ok(holding.length > 10)
      const unnoticed = holding.filter(({ alert }) => !text.includes(`alertname: ${alert}, time: `))
      assert.deepEqual(unnoticed, [])
    })
  }

  test('the queries of the dashboard and of the documents are queries', async () => {
    const queries = [
      ...DASHBOARD.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => queryOf(expr))),
      ...queriesIn('metrics.md'),
    ]
    assert.ok(queriesIn('metrics.md').length >= 5 && queries.length >= 30, `${queries.length} were found`)
    const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }))
    const file = join(await workspace.subfolder('queries'), 'rules.yaml')
    await writeFile(file, stringify({ groups: [{ name: 'queries', rules }] }))
    const { code, text } = await promtool(['check', 'rules', file])
    assert.equal(code, 0, text)
    assert.match(text, new RegExp(`${queries.length} rules found`))
  })

  for (const first of ['authority', 'root', 'additional_root']) {
    test(`the dashboard counts down to what ends first: ${first}`, async () => {
      const panel = DASHBOARD.panels.find(({ title }) => title === 'First CA or root ends in')
      const [target] = panel?.targets ?? []
      assert.ok(target)
      const input_series = ['authority', 'root', 'additional_root'].map((what) => ({
        series: `meshca_issuer_${what}_not_after_timestamp_seconds{job="j",kind="MeshCAIssuer",issuer="a/mesh"}`,
        values: what === first ? '1000' : '2000',
      }))
      const promql_expr_test = [
        { expr: queryOf(target.expr), eval_time: '0s', exp_samples: [{ labels: '{}', value: 1000 }] },
      ]
      const file = join(await workspace.subfolder('panel'), `${first}.yaml`)
      await writeFile(file, stringify({ tests: [{ interval: '1m', input_series, promql_expr_test }] }))
      const { code, text } = await promtool(['test', 'rules', file])
      assert.equal(code, 0, text)
    })
  }
})
