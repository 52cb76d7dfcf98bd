import { PAGE_ISSUERS } from './page.ts'
import type { ShippedResult } from './shipped.ts'
import { median } from './statistics.ts'
import { atMost, type Row } from './table.ts'

/** The rows of what the image runs. */
export function shippedRows({ shippedReadyMs, sourceReadyMs, idleRssMiB, page }: ShippedResult): readonly Row[] {
  // Of neighbours: what else the machine does touches both.
  const ratio = median(shippedReadyMs.map((ms, index) => ms / (sourceReadyMs[index] ?? Number.NaN)))
  const [few, many] = [median(page.fewMs), median(page.manyMs)]
  return [
    { what: 'start to ready, as shipped', value: `${(median(shippedReadyMs) / 1000).toFixed(2)} s` },
    { what: 'start to ready, from the sources', value: `${(median(sourceReadyMs) / 1000).toFixed(2)} s` },
    { what: 'start to ready, over the sources', value: ratio.toFixed(2), goal: atMost(0.5, ratio, 'of it') },
    {
      what: 'RSS idle, every back end loaded',
      value: `${idleRssMiB.toFixed(0)} MiB`,
      goal: atMost(110, idleRssMiB, 'MiB'),
    },
    { what: 'status page with few issuers, loaded in Chromium', value: `${few.toFixed(0)} ms` },
    {
      what: `status page with ${PAGE_ISSUERS} issuers, loaded in Chromium`,
      value: `${many.toFixed(0)} ms, ${(many / few).toFixed(1)} times as long`,
      goal: atMost(100, many, 'ms'),
    },
  ]
}
