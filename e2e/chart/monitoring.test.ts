import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../lab/kube-objects.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { CHART, type Helm, openHelm, type Values } from './helm.ts'

const CONFIG = join(CHART, '..', '..', 'config')

interface Rule {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

interface Monitoring extends KubeObject {
  readonly spec?: RuleFile
  readonly data?: Readonly<Record<string, string>>
}

const RULES: RuleFile = parse(readFileSync(join(CONFIG, 'alerts', 'rules.yaml'), 'utf8'))

describe('what the chart has for Prometheus and Grafana', { timeout: 60_000 }, () => {
  let workspace: Workspace
  let helm: Helm
  before(async () => {
    workspace = await openWorkspace('chart-monitoring')
    helm = await openHelm(workspace)
  })
  after(() => workspace.stop())

  const only = async (kind: string, values: Values): Promise<Monitoring> =>
    (await helm.template(values)).find((object) => object.kind === kind) ?? assert.fail(kind)
  const rules = async (values: Values): Promise<readonly Rule[]> => {
    const object = await only('PrometheusRule', { 'metrics.prometheusRule.enabled': true, ...values })
    return object.spec?.groups.flatMap((group) => group.rules) ?? []
  }

  test('are the alerts of config/alerts', async () => {
    const { spec } = await only('PrometheusRule', { 'metrics.prometheusRule.enabled': true })
    assert.ok(RULES.groups.flatMap((group) => group.rules).length > 5)
    assert.deepEqual(spec, RULES)
  })

  test('are alerts without those that are not wanted, with labels and run-books as told', async () => {
    const [first, ...others] = RULES.groups.flatMap((group) => group.rules)
    assert.ok(first)
    const found = await rules({
      'metrics.prometheusRule.disabledAlerts': [first.alert],
      'metrics.prometheusRule.alertLabels': { severity: 'page', team: 'mesh' },
      'metrics.prometheusRule.runbookPrefix': 'https://runbooks.example.com/',
    })
    const changed = others.map((rule) => ({
      ...rule,
      labels: { ...rule.labels, severity: 'page', team: 'mesh' },
      annotations: {
        ...rule.annotations,
        runbook_url: `https://runbooks.example.com/${rule.annotations.runbook_url}`,
      },
    }))
    assert.deepEqual(found, changed)
  })

  test('are the dashboard of config/dashboard, byte for byte', async () => {
    const { data, metadata } = await only('ConfigMap', { 'metrics.dashboard.enabled': true })
    const file = 'mesh-ca-issuer.json'
    assert.deepEqual(data, { [file]: readFileSync(join(CONFIG, 'dashboard', file), 'utf8') })
    assert.equal(metadata.labels?.grafana_dashboard, '1')
  })

  for (const [kind, value] of [
    ['ServiceMonitor', 'serviceMonitor'],
    ['PodMonitor', 'podMonitor'],
  ] as const) {
    test(`are a ${kind} that finds the port`, async () => {
      const monitor = await only(kind, {
        [`metrics.${value}.enabled`]: true,
        [`metrics.${value}.labels`]: { release: 'prometheus' },
      })
      const endpoints = [{ port: 'http', path: '/metrics', interval: '30s' }]
      const instance = {
        'app.kubernetes.io/name': 'mesh-ca-issuer',
        'app.kubernetes.io/instance': 'mesh-ca-issuer',
      }
      assert.equal(monitor.metadata.labels?.release, 'prometheus')
      assert.deepEqual(
        monitor.spec,
        kind === 'PodMonitor'
          ? { selector: { matchLabels: instance }, podMetricsEndpoints: endpoints }
          : { selector: { matchLabels: { ...instance, 'app.kubernetes.io/component': 'metrics' } }, endpoints },
      )
    })
  }
})
