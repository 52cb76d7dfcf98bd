import { Html, html } from './html.ts'
import type { Overview } from './overview.ts'
import { bundlesTable } from './status-bundles.ts'
import { limited } from './status-limits.ts'
import { instant } from './status-pieces.ts'
import { STYLE } from './status-style.ts'
import { failuresTable, intermediatesTable, issuersTable, requestsTable } from './status-tables.ts'
import { statusTiles } from './status-tiles.ts'
import { countWords } from './words.ts'

export interface PageOptions {
  /** How often the browser asks for the page again, seconds; undefined where the reader stopped that. */
  readonly refreshSeconds: number | undefined
}

/** The page, whole: no script, nothing to fetch, nothing of the overview that is not escaped. */
export function statusPage(whole: Overview, options: PageOptions): string {
  const { overview, omitted } = limited(whole)
  const tables = [
    issuersTable(overview, omitted.issuers),
    bundlesTable(overview),
    intermediatesTable(overview, omitted.intermediates),
    requestsTable(overview, omitted.inFlight),
    failuresTable(overview),
  ]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title(whole)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#issuers">Skip to the issuers</a>
<header>
<h1>mesh-ca-issuer</h1>
${processWords(overview)}
<p class="quiet">As of ${instant(overview.at)}. ${refreshWords(options)} <a href="status.json">The same as JSON</a></p>
</header>
<main>
<ul class="tiles">
${statusTiles(whole)}</ul>
${tables}</main>
</body>
</html>
`.text
}

function title({ issuers }: Overview): string {
  const bad = issuers.filter(({ state }) => state === 'not ready').length
  const count = countWords(issuers.length, 'issuer')
  return `${bad === 0 ? count : `${bad} of ${count} not ready`} - mesh-ca-issuer`
}

function processWords({ process: { identity, role, clusterId, namespaces, problems } }: Overview): Html {
  const where = clusterId === undefined ? undefined : html` in cluster ${clusterId}`
  const only = namespaces.length === 0 ? undefined : html`, and serves ${namespaces.join(', ')} and no other namespace`
  const broken = problems.map((problem) => html`<p class="state bad">Not ready: ${problem}</p>\n`)
  return html`<p>${identity} is <b>${role}</b>${where}${only}.</p>
${broken}`
}

function refreshWords({ refreshSeconds }: PageOptions): Html {
  return refreshSeconds === undefined
    ? html`It stays as it is; <a href="./">show it anew every half minute</a>.`
    : html`It is shown anew every ${refreshSeconds} seconds; <a href="?refresh=off">stop that</a>.`
}
