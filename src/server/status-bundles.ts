import { type Html, html } from './html.ts'
import type { IssuerView, Overview, TrustBundleView } from './overview.ts'
import { lifeBar, shortFingerprint, type Table, tableSection } from './status-pieces.ts'

/** How many issuers of a bundle are named. */
const NAMED = 3
/** How many bundles are shown: a mesh has one, and two while a root is replaced. */
const MOST = 50

interface Published {
  readonly bundle: TrustBundleView
  readonly issuers: readonly string[]
}

/** What is published as ca.crt, each distinct bundle once. */
export function bundlesTable({ issuers, at }: Overview): Html {
  const published = [...distinct(issuers).values()]
  return tableSection({
    id: 'roots',
    title: 'Roots in ca.crt',
    about:
      'Equal bundles have equal fingerprints, in other clusters too. The active root is the one that the CA chains to.',
    columns: ['SHA-256 of ca.crt', { title: 'Roots', wide: true }, 'Issuers that publish it'],
    rows: published.slice(0, MOST).map((one) => bundleRow(one, at)),
    empty: 'No issuer publishes roots yet.',
    omitted: { count: Math.max(0, published.length - MOST), href: undefined },
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

function bundleRow({ bundle, issuers }: Published, now: number): Table['rows'][number] {
  const roots = bundle.roots.map(
    ({ subject, fingerprint, notAfter, active }) =>
      html`<li>${subject} ${shortFingerprint(fingerprint)}${active ? html` <b>active</b>` : undefined}${lifeBar({ notAfter }, now)}</li>`,
  )
  const more = issuers.length > NAMED ? ` and ${issuers.length - NAMED} more` : ''
  return [shortFingerprint(bundle.sha256), html`<ul>${roots}</ul>`, `${issuers.slice(0, NAMED).join(', ')}${more}`]
}
