/** Samples of one series at a steady interval; undefined where there is none. */
export interface Series {
  readonly metric: string
  readonly labels: Labels
  readonly intervalSeconds: number
  readonly values: readonly (number | undefined)[]
}

export type Labels = Readonly<Record<string, string>>

/** Prometheus takes the last sample of so long ago for the present one. */
const LOOKBACK_SECONDS = 300

/** Reads a series in the notation of `promtool test rules`: `1+2x3` begins at 1 and adds 2 three times, `1x3` repeats, `_` is a gap. */
export function parseSeries(name: string, values: string, intervalSeconds: number): Series {
  const [, metric = '', inner = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(name) ?? []
  if (metric === '') throw new Error(`not a series: ${name}`)
  const labels = Object.fromEntries(
    [...inner.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label, value]) => [label, value]),
  )
  return { metric, labels, intervalSeconds, values: values.split(/\s+/).flatMap(expand) }
}

function expand(item: string): readonly (number | undefined)[] {
  if (item === '_') return [undefined]
  const [, start = '', step = '0', times = '0'] = /^(\d+)([+-]\d+)?(?:x(\d+))?$/.exec(item) ?? []
  if (start === '') throw new Error(`not values of a series: ${item}`)
  return Array.from({ length: Number(times) + 1 }, (_, index) => Number(start) + index * Number(step))
}

/** The value at an instant, seconds. */
export function valueAt({ values, intervalSeconds }: Series, at: number): number | undefined {
  const last = Math.min(Math.floor(at / intervalSeconds), values.length - 1)
  for (let index = last; index >= 0 && at - index * intervalSeconds < LOOKBACK_SECONDS; index -= 1)
    if (values[index] !== undefined) return values[index]
  return undefined
}

/** The samples within a range that ends at an instant; its older end is not part of it. */
export function valuesIn({ values, intervalSeconds }: Series, at: number, range: number): readonly number[] {
  return values.flatMap((value, index) => {
    const time = index * intervalSeconds
    return value === undefined || time > at || time <= at - range ? [] : [value]
  })
}
