import { evaluate, keyOf, type Sample } from './promql-evaluate.ts'
import { type Expression, parsePromql, secondsOf } from './promql-parse.ts'
import type { Labels, Series } from './series.ts'

/** An alerting rule, as a rule file has it. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Labels
  readonly annotations: Labels
}

export interface Alert {
  readonly labels: Labels
  readonly annotations: Labels
}

export interface When {
  /** Of the question, seconds. */
  readonly at: number
  readonly everySeconds: number
}

/** The alerts of a rule that fire at an instant, the rule having been evaluated from the beginning on. */
export function firing(rule: AlertRule, series: readonly Series[], { at, everySeconds }: When): readonly Alert[] {
  const expression = parsePromql(rule.expr)
  const holdSeconds = rule.for === undefined ? 0 : secondsOf(rule.for)
  let active = new Map<string, number>()
  let now: readonly Sample[] = []
  for (let time = 0; time <= at; time += everySeconds) {
    now = samplesAt(expression, series, time)
    active = new Map(now.map(({ labels }) => [keyOf(labels), active.get(keyOf(labels)) ?? time]))
  }
  return now
    .filter(({ labels }) => at - (active.get(keyOf(labels)) ?? at) >= holdSeconds)
    .map((sample) => ({
      labels: { ...sample.labels, ...rendered(rule.labels, sample) },
      annotations: rendered(rule.annotations, sample),
    }))
}

function samplesAt(expression: Expression, series: readonly Series[], time: number): readonly Sample[] {
  const value = evaluate(expression, series, time)
  if (typeof value === 'number') throw new Error('an alert needs samples, and its expression gives a number')
  return value
}

function rendered(templates: Labels, sample: Sample): Labels {
  return Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, render(template, sample)]))
}

/** The templates that our rules use. */
function render(template: string, { labels, value }: Sample): string {
  return template.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, action: string) => {
    const label = /^\$labels\.([a-z_]+)$/.exec(action)?.[1]
    if (label !== undefined) return labels[label] ?? ''
    if (action === '$value | humanizeDuration') return humanizeDuration(value)
    if (action === '$value | humanizePercentage') return `${Number((value * 100).toPrecision(4))}%`
    throw new Error(`not in the subset: {{ ${action} }}`)
  })
}

/** As Prometheus does for a second and more: `1d 2h 3m 4s`, from the first unit that is not zero. */
function humanizeDuration(seconds: number): string {
  const units: readonly (readonly [name: string, size: number])[] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ]
  let left = Math.floor(Math.abs(seconds))
  const first = Math.max(
    0,
    units.findIndex(([, size]) => left >= size),
  )
  const words = units.slice(left === 0 ? 3 : first).map(([name, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return `${count}${name}`
  })
  return `${seconds < 0 ? '-' : ''}${words.join(' ')}`
}
