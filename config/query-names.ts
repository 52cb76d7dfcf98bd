import { METRICS, type MetricDescription } from '../src/ops/metric-table.ts'

/** What a query names; whether it is one is for Prometheus to say. */
export interface QueryNames {
  /** Series that the program shows, and the metrics that they belong to; undefined where there is none. */
  readonly series: readonly { readonly name: string; readonly metric: MetricDescription | undefined }[]
  readonly groupedBy: readonly string[]
  /** Each alternative of a regular expression is a value. */
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[]
}

export function namesIn(query: string): QueryNames {
  const series = [...query.matchAll(/\b(?:meshca|process)_[a-z_]+/g)].map(([name]) => ({
    name,
    metric: metricOf(name),
  }))
  const groupedBy = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
  const matchers = [...query.matchAll(/([a-z0-9_]+)=~?"([^"]*)"/g)].map(([, label = '', values = '']) => ({
    label,
    values: values.split('|'),
  }))
  return { series, groupedBy, matchers }
}

/** A histogram shows three series. */
function metricOf(series: string): MetricDescription | undefined {
  return Object.values<MetricDescription>(METRICS).find(
    ({ name, type }) =>
      name === series || (type === 'histogram' && [`${name}_count`, `${name}_sum`, `${name}_bucket`].includes(series)),
  )
}
