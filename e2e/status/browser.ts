import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Workspace } from '../lab/workspace.ts'

export type Theme = 'light' | 'dark'

/** A page that was opened, and what should not have happened on the way. */
export interface Visit {
  readonly page: Page
  /** Words of the console, errors of scripts, and URLs asked for beside the page itself. */
  readonly complaints: readonly string[]
}

/** Starts Chromium with a profile of its own; it ends with the workspace. */
export async function openBrowser(workspace: Workspace): Promise<Browser> {
  const executablePath = await chromiumIn(workspace.settings.path)
  const browser = await chromium.launch({
    executablePath,
    // As root it needs the first; the others keep it from calling home.
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  workspace.defer(() => browser.close())
  return browser
}

/** As it is called on Debian, on other Linux, and where it comes from Google. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const

async function chromiumIn(path: string): Promise<string> {
  for (const name of NAMES) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name)
      if (await isExecutable(file)) return file
    }
  }
  throw new Error('There is no chromium on PATH: install the package chromium, which `npm run setup` does for root.')
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

export interface Look {
  readonly theme?: Theme
  /** Of the window, CSS pixels. */
  readonly width?: number
  readonly scripts?: boolean
}

/** Opens a URL in a window of its own. */
export async function visit(
  browser: Browser,
  url: string,
  { theme = 'light', width = 1400, scripts = true }: Look = {},
): Promise<Visit> {
  const viewport = { width, height: 900 }
  const context = await browser.newContext({ colorScheme: theme, viewport, javaScriptEnabled: scripts })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.isNavigationRequest()) complaints.push(request.url())
  })
  await page.goto(url)
  return { page, complaints }
}

/** What axe finds wrong, as `impact rule: elements`. Not hindered by the page's policy, since the debugger runs it. */
export async function axeFindings(page: Page, without: readonly string[] = []): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]))
  const options = JSON.stringify({ rules, resultTypes: ['violations'] })
  const { violations }: Pick<axe.AxeResults, 'violations'> = await page.evaluate(`axe.run(document, ${options})`)
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ target }) => target).join(' ')}`)
}
