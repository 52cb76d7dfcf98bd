import type { Aggregate, Expression, Operator, Selector } from './promql-parse.ts'
import { type Labels, type Series, valueAt, valuesIn } from './series.ts'

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** What an expression is worth: a number, or samples by their labels. */
export type Value = number | readonly Sample[]

/**
 * Evaluates the subset at an instant (seconds). Unlike Prometheus, `rate` and `increase` do not extrapolate to the ends of their
 * range: a rule that is tested here must not hang on that.
 * @throws Error for what is not in the subset
 */
export function evaluate(expression: Expression, series: readonly Series[], at: number): Value {
  switch (expression.type) {
    case 'number':
      return expression.value
    case 'selector':
      return instantOf(expression.selector, series, at)
    case 'aggregate':
      return aggregated(expression.operator, expression.by, samplesOf(evaluate(expression.of, series, at)))
    case 'binary': {
      const [left, right] = [evaluate(expression.left, series, at), evaluate(expression.right, series, at)]
      return combined(expression.operator, left, right)
    }
    case 'call':
      return called(expression, series, at)
  }
}

function called(
  { name, argument }: Extract<Expression, { type: 'call' }>,
  series: readonly Series[],
  at: number,
): Value {
  if (name === 'time') return at
  if (argument === undefined) throw new Error(`${name} needs an argument`)
  if (name === 'absent') return samplesOf(evaluate(argument, series, at)).length === 0 ? [{ labels: {}, value: 1 }] : []
  if (argument.type !== 'selector' || argument.selector.range === undefined) throw new Error(`${name} needs a range`)
  const { selector } = argument
  const { range = 0 } = selector
  return matching(selector, series).flatMap((one) => {
    const values = valuesIn(one, at, range)
    if (values.length < 2) return []
    const grown = growth(values)
    return [{ labels: one.labels, value: name === 'rate' ? grown / range : grown }]
  })
}

/** A counter that falls was set anew, and began at 0. */
function growth(values: readonly number[]): number {
  return values.slice(1).reduce((sum, value, index) => {
    const before = values[index] ?? 0
    return sum + (value >= before ? value - before : value)
  }, 0)
}

function instantOf(selector: Selector, series: readonly Series[], at: number): readonly Sample[] {
  if (selector.range !== undefined) throw new Error('a range stands in rate and increase only')
  return matching(selector, series).flatMap((one) => {
    const value = valueAt(one, at)
    return value === undefined ? [] : [{ labels: one.labels, value }]
  })
}

function matching({ metric, matchers }: Selector, series: readonly Series[]): readonly Series[] {
  return series.filter(
    (one) =>
      one.metric === metric &&
      matchers.every(({ label, operator, value }) => {
        const own = one.labels[label] ?? ''
        return operator === '=' ? own === value : new RegExp(`^(?:${value})$`).test(own)
      }),
  )
}

function samplesOf(value: Value): readonly Sample[] {
  if (typeof value === 'number') throw new Error('samples are expected where a number stands')
  return value
}

const AGGREGATES: Readonly<Record<Aggregate, (values: readonly number[]) => number>> = {
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
}

function aggregated(operator: Aggregate, by: readonly string[], samples: readonly Sample[]): readonly Sample[] {
  const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>()
  for (const { labels, value } of samples) {
    const kept = Object.fromEntries(
      by.flatMap((label) => (labels[label] === undefined ? [] : [[label, labels[label]]])),
    )
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] }
    group.values.push(value)
    groups.set(keyOf(kept), group)
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: AGGREGATES[operator](values) }))
}

/** Labels in one order, to compare them. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const ARITHMETIC: Readonly<Partial<Record<Operator, (a: number, b: number) => number>>> = {
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
}

const COMPARISONS: Readonly<Partial<Record<Operator, (a: number, b: number) => boolean>>> = {
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '==': (a, b) => a === b,
}

function combined(operator: Operator, left: Value, right: Value): Value {
  if (operator === 'or' || operator === 'and') return united(operator, samplesOf(left), samplesOf(right))
  const one = (a: number, b: number): number | undefined => {
    const compare = COMPARISONS[operator]
    if (compare !== undefined) return compare(a, b) ? a : undefined
    return ARITHMETIC[operator]?.(a, b)
  }
  if (typeof left === 'number' && typeof right === 'number') {
    const value = ARITHMETIC[operator]?.(left, right)
    if (value === undefined) throw new Error('two numbers are not compared in the subset')
    return value
  }
  if (typeof left === 'number') throw new Error('a number stands on the right of samples in the subset')
  return left.flatMap(({ labels, value }) => {
    const other =
      typeof right === 'number' ? right : right.find((sample) => keyOf(sample.labels) === keyOf(labels))?.value
    const result = other === undefined ? undefined : one(value, other)
    return result === undefined ? [] : [{ labels, value: result }]
  })
}

function united(operator: 'and' | 'or', left: readonly Sample[], right: readonly Sample[]): readonly Sample[] {
  const has = (samples: readonly Sample[], { labels }: Sample): boolean =>
    samples.some((sample) => keyOf(sample.labels) === keyOf(labels))
  if (operator === 'and') return left.filter((sample) => has(right, sample))
  return [...left, ...right.filter((sample) => !has(left, sample))]
}
