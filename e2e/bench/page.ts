import pLimit from 'p-limit'
import type { Browser } from 'playwright-core'
import { issuer } from '../harness/objects.ts'
import { eventually } from '../lab/eventually.ts'
import { freePort } from '../lab/ports.ts'
import type { Program } from '../lab/process.ts'
import { openBrowser } from '../status/browser.ts'
import type { BenchCluster } from './cluster.ts'
import { type Bundle, startBundle } from './controller.ts'
import { NAMESPACE } from './requests.ts'

/** As many issuers as a status page is made for. */
export const PAGE_ISSUERS = 500
const LOADS = 20
const CHECKED_WITHIN_MS = 60_000
const WIDTH = 16

export interface PageFigures {
  /** From the navigation to the end of the load event in Chromium, ms: with a few issuers, and with PAGE_ISSUERS more. */
  readonly fewMs: readonly number[]
  readonly manyMs: readonly number[]
}

/** Loads the status page as a person does. */
export async function measurePage(cluster: BenchCluster, bundle: Bundle): Promise<PageFigures> {
  const port = await freePort()
  const program = await startBundle(cluster.lab.controlPlane, bundle, `--status-addr=127.0.0.1:${port}`)
  const browser = await openBrowser(cluster.lab.workspace)
  await untilChecked(cluster, program, 1)
  const fewMs = await loads(browser, `http://127.0.0.1:${port}/`)
  const spec = { ca: { secretRef: { name: 'bench' } } }
  const names = Array.from({ length: PAGE_ISSUERS }, (_, index) => `page-${index}`)
  await pLimit(WIDTH).map(names, (name) => cluster.admin.apply(issuer({ namespace: NAMESPACE, name, spec })))
  await untilChecked(cluster, program, PAGE_ISSUERS)
  const manyMs = await loads(browser, `http://127.0.0.1:${port}/`)
  await browser.close()
  await program.stop()
  return { fewMs, manyMs }
}

async function loads(browser: Browser, url: string): Promise<readonly number[]> {
  const page = await browser.newPage()
  const took: number[] = []
  for (let load = 0; load < LOADS; load += 1) {
    await page.goto(url)
    took.push(await page.evaluate<number>("performance.getEntriesByType('navigation')[0].loadEventEnd"))
  }
  await page.close()
  return took
}

interface IssuerList {
  readonly items: readonly { readonly status?: { readonly conditions?: readonly unknown[] } }[]
}

/** Until so many issuers have been checked. */
async function untilChecked({ admin }: BenchCluster, program: Program, count: number): Promise<void> {
  const attempts = { what: 'Checked issuers', withinMs: CHECKED_WITHIN_MS, everyMs: 500, signal: program.ended }
  const path = `/apis/meshca.dev/v1alpha1/namespaces/${NAMESPACE}/meshcaissuers`
  await eventually(attempts, async () => {
    const { items } = await admin.call<IssuerList>({ method: 'GET', path })
    return items.filter(({ status }) => status?.conditions !== undefined).length >= count ? true : undefined
  })
}
