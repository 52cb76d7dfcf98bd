import { type Html, html, type Piece } from './html.ts'
import { instantWords, whenWords } from './words.ts'

/** A validity as far as it is known, epoch milliseconds. */
export interface Life {
  readonly notBefore?: number
  readonly notAfter?: number
}

/** `2026-11-23 12:00 UTC`, for programs too. */
export function instant(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${instantWords(at)}</time>`
}

/** `in 3 days (2026-11-26 12:00 UTC)` */
export function instantWithSpan(at: number, now: number): Html {
  return html`${whenWords(at, now)} <span class="quiet">(${instant(at)})</span>`
}

/** A bar of what is left of a life, where its start is known, and when it ends in words. */
export function lifeBar({ notBefore, notAfter }: Life, now: number): Html {
  if (notAfter === undefined) return html`<span class="life quiet">its end is not known here</span>`
  const words = html`${notAfter > now ? 'ends' : 'ended'} ${instantWithSpan(notAfter, now)}`
  if (notBefore === undefined) return html`<span class="life">${words}</span>`
  const left = Math.round(Math.min(1, Math.max(0, (notAfter - now) / Math.max(1, notAfter - notBefore))) * 100)
  const bar = html`<meter min="0" max="100" low="10" high="33" optimum="100" value="${left}" aria-label="${left} % of its life is left">${left} %</meter>`
  return html`<span class="life">${bar}${words}</span>`
}

/** Whoever compares fingerprints has the whole one in the title, and in /status.json. */
export function shortFingerprint(fingerprint: string): Html {
  return html`<code title="${fingerprint}">${fingerprint.slice(0, 16)}</code>`
}

export interface Table {
  /** Of the section, for its anchor. */
  readonly id: string
  readonly title: string
  /** What the table is about, in a sentence. */
  readonly about: Piece
  readonly columns: readonly string[]
  readonly rows: readonly Html[]
  /** What to say where there is no row. */
  readonly empty: Piece
  /** How many rows were left out. */
  readonly omitted?: number
}

/** A section with a table that may be scrolled sideways, by keyboard too. */
export function tableSection({ id, title, about, columns, rows, empty, omitted = 0 }: Table): Html {
  const heads = columns.map((column) => html`<th scope="col">${column}</th>`)
  const table = html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-title"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`
  const more = omitted === 0 ? undefined : html`<p>${omitted} more are not shown.</p>`
  return html`<section id="${id}">
<h2 id="${id}-title">${title}</h2>
<p class="quiet">${about}</p>
${rows.length === 0 ? html`<p>${empty}</p>` : table}${more}
</section>
`
}
