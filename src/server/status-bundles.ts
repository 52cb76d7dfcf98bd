import { type Html, html } from './html.ts'
import type { IssuerView, Overview, TrustBundleView } from './overview.ts'
import { lifeBar, shortFingerprint, tableSection } from './status-pieces.ts'

/** How many issuers of a bundle are named. */
const NAMED = 3

interface Published {
  readonly bundle: TrustBundleView
  readonly issuers: readonly string[]
}

/** What is published as ca.crt, each distinct bundle once. */
export function bundlesTable({ issuers, at }: Overview): Html {
  return tableSection({
    id: 'roots',
    title: 'Roots in ca.crt',
    about: 'Equal bundles have equal fingerprints, in other clusters too.',
    columns: ['SHA-256 of ca.crt', 'Roots', 'Issuers that publish it'],
    rows: [...distinct(issuers).values()].map((published) => bundleRow(published, at)),
    empty: 'No issuer publishes roots yet.',
  })
}

function distinct(issuers: readonly IssuerView[]): ReadonlyMap<string, Published> {
  const found = new Map<string, { readonly bundle: TrustBundleView; readonly issuers: string[] }>()
  for (const { trustBundle, namespace, name } of issuers) {
    if (trustBundle === undefined) continue
    const title = namespace === undefined ? name : `${namespace}/${name}`
    // Two issuers with one bundle may each sign under another of its roots.
    const active = trustBundle.roots.find((root) => root.active)?.fingerprint ?? ''
    const key = `${trustBundle.sha256} ${active}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { bundle: trustBundle, issuers: [title] })
    else known.issuers.push(title)
  }
  return found
}

function bundleRow({ bundle, issuers }: Published, now: number): Html {
  const roots = bundle.roots.map(
    ({ subject, fingerprint, notAfter, active }) =>
      html`<li>${subject} ${shortFingerprint(fingerprint)}${active ? html` <b>signs</b>` : undefined}${lifeBar({ notAfter }, now)}</li>`,
  )
  const more = issuers.length > NAMED ? ` and ${issuers.length - NAMED} more` : ''
  return html`<tr><th scope="row">${shortFingerprint(bundle.sha256)}</th>
<td><ul>${roots}</ul></td>
<td>${issuers.slice(0, NAMED).join(', ')}${more}</td></tr>
`
}
