import { PAGE_ISSUERS, type ShippedResult } from './shipped.ts'
import { median } from './statistics.ts'
import { atMost, type Row } from './table.ts'

/** The rows of what the image runs. */
export function shippedRows({ shippedReadyMs, sourceReadyMs, idleRssMiB, pageMs }: ShippedResult): readonly Row[] {
  // Of neighbours: what else the machine does touches both.
  const ratio = median(shippedReadyMs.map((ms, index) => ms / (sourceReadyMs[index] ?? Number.NaN)))
  const page = median(pageMs)
  return [
    { what: 'start to ready, as shipped', value: `${(median(shippedReadyMs) / 1000).toFixed(2)} s` },
    { what: 'start to ready, from the sources', value: `${(median(sourceReadyMs) / 1000).toFixed(2)} s` },
    { what: 'start to ready, over the sources', value: ratio.toFixed(2), goal: atMost(0.5, ratio, 'of it') },
    {
      what: 'RSS idle, every back end loaded',
      value: `${idleRssMiB.toFixed(0)} MiB`,
      goal: atMost(110, idleRssMiB, 'MiB'),
    },
    {
      what: `status page with ${PAGE_ISSUERS} issuers`,
      value: `${page.toFixed(0)} ms`,
      goal: atMost(100, page, 'ms'),
    },
  ]
}
