import { Html, html } from './html.ts'
import type { Overview } from './overview.ts'
import { bundlesTable } from './status-bundles.ts'
import { FIRST, limited, WHOLE } from './status-limits.ts'
import { instant } from './status-pieces.ts'
import { STYLE } from './status-style.ts'
import { failuresTable, intermediatesTable, issuersTable, requestsTable } from './status-tables.ts'
import { statusTiles } from './status-tiles.ts'
import { countWords } from './words.ts'

export interface PageOptions {
  /** How often the browser asks for the page again, seconds; undefined where the reader stopped that. */
  readonly refreshSeconds: number | undefined
  /** Every row, where a page otherwise has those that need attention first. */
  readonly whole: boolean
}

/** The page: no script, nothing to fetch, nothing of the overview that is not escaped. */
export function statusPage(everything: Overview, options: PageOptions): string {
  const { overview, omitted } = limited(everything, options.whole ? WHOLE : FIRST)
  const href = options.whole ? undefined : hrefOf({ ...options, whole: true })
  const tables = [
    issuersTable(overview, { count: omitted.issuers, href }),
    bundlesTable(everything),
    intermediatesTable(overview, { count: omitted.intermediates, href }),
    requestsTable(overview, { count: omitted.inFlight, href }),
    failuresTable(overview),
  ]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title(everything)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#issuers">Skip to the issuers</a>
<header>
<h1>mesh-ca-issuer</h1>
${processWords(overview)}
<p class="quiet">As of ${instant(overview.at)}. ${refreshWords(options)} <a href="status.json">The same as JSON</a></p>
</header>
<nav aria-label="Summary">
<ul class="tiles">
${statusTiles(everything)}</ul>
</nav>
<main>
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

function processWords({ process: { identity, role, clusterId, lease, namespaces, problems } }: Overview): Html {
  const where = clusterId === undefined ? undefined : html` in cluster ${clusterId}`
  const only = namespaces.length === 0 ? undefined : html`, and serves ${namespaces.join(', ')} and no other namespace`
  const other =
    lease === undefined ? undefined : html` The replica that acts, which the Lease ${lease} names, knows more.`
  const broken = problems.map((problem) => html`<p class="state bad">Not ready: ${problem}</p>\n`)
  return html`<p>${identity} is <b>${role}</b>${where}${only}.${other}</p>
${broken}`
}

function refreshWords(options: PageOptions): Html {
  const { refreshSeconds } = options
  return refreshSeconds === undefined
    ? html`It stays as it is; <a href="${hrefOf({ ...options, refreshSeconds: 0 })}">show it anew every half minute</a>.`
    : html`It is shown anew every ${refreshSeconds} seconds; <a href="${hrefOf({ ...options, refreshSeconds: undefined })}">stop that</a>.`
}

/** The way to the page as it is with these options. */
function hrefOf({ refreshSeconds, whole }: PageOptions): string {
  const query = [...(refreshSeconds === undefined ? ['refresh=off'] : []), ...(whole ? ['rows=all'] : [])].join('&')
  return query === '' ? './' : `?${query}`
}
