import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { type ChartValue, chartValues } from '../../config/generate-chart-values.ts'
import { isObject } from '../../src/api/read.ts'
import type { KubeObject } from '../lab/kube-objects.ts'
import { openWorkspace, type Workspace } from '../lab/workspace.ts'
import { EFFECTS, type Effect } from './effects.ts'
import { CHART, type Helm, openHelm, type Values } from './helm.ts'
import { RENDER_CASES } from './render-cases.ts'

/** Told of by monitoring.test.ts, alert by alert. */
const OF_ALERTS = ['disabledAlerts', 'alertLabels', 'runbookPrefix'].map((name) => `metrics.prometheusRule.${name}`)

function memberAt(object: unknown, at: string): unknown {
  return at.split(' ').reduce<unknown>((whole, member) => {
    if (Array.isArray(whole)) return whole[Number(member)]
    return isObject(whole) ? whole[member] : undefined
  }, object)
}

/** Whether something is what is looked for, has it among its entries, or has its members. */
function shows(found: unknown, wanted: unknown): boolean {
  if (isDeepStrictEqual(found, wanted)) return true
  if (Array.isArray(found)) return found.some((entry) => isDeepStrictEqual(entry, wanted))
  if (!isObject(found) || !isObject(wanted)) return false
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(found[name], value))
}

function leaves({ path, members }: ChartValue): readonly string[] {
  return members === undefined ? [path] : members.flatMap(leaves)
}

describe('the values of the chart', { timeout: 180_000 }, () => {
  let workspace: Workspace
  let helm: Helm
  before(async () => {
    workspace = await openWorkspace('chart-effects')
    helm = await openHelm(workspace)
  })
  after(() => workspace.stop())

  // Most rows are compared with the same rendering.
  const rendered = new Map<string, Promise<readonly KubeObject[]>>()
  const render = (values: Values): Promise<readonly KubeObject[]> => {
    const key = JSON.stringify(values)
    const known = rendered.get(key) ?? helm.template(values)
    rendered.set(key, known)
    return known
  }
  const objectOf = async (wanted: string, values: Values): Promise<KubeObject | undefined> => {
    const objects = await render(values)
    return objects.find(({ kind, metadata }) => wanted === kind || wanted === `${kind} ${metadata.name}`)
  }

  for (const { value, given, kind, at, beside = {}, ...rest } of EFFECTS) {
    test(`${value} shows in the ${kind}`, async () => {
      const wanted = 'shows' in rest ? rest.shows : given
      // One replica needs no election, and there must be one to do without.
      const values = { ...(value === 'settings.leaderElect' ? { replicas: 1 } : {}), ...beside }
      const without = memberAt(await objectOf(kind, values), at)
      assert.equal(shows(without, wanted), false, 'it is not so anyway')
      const found = memberAt(await objectOf(kind, { ...values, [value]: given }), at)
      assert.ok(shows(found, wanted), JSON.stringify(found))
    })
  }

  test('all have an effect that a test looks at', () => {
    const sections = chartValues(readFileSync(join(CHART, 'values.yaml'), 'utf8'))
    const changing = RENDER_CASES.filter(({ changes }) => changes.length > 0)
    const looked = new Set([
      ...EFFECTS.map(({ value }: Effect) => value),
      ...changing.flatMap(({ values }) => Object.keys(values)),
      ...OF_ALERTS,
    ])
    const all = sections.flatMap((section) => section.values).flatMap(leaves)
    assert.deepEqual(
      all.filter((path) => !looked.has(path)),
      [],
    )
  })
})
