import { type Html, html, type Piece } from './html.ts'
import { dayWords, instantWords, whenWords } from './words.ts'

/** A validity as far as it is known, epoch milliseconds. */
export interface Life {
  readonly notBefore?: number
  readonly notAfter?: number
}

/** From here on a day says as much as a minute. */
const FAR_MS = 7 * 86_400_000

/** `2026-11-23 12:00 UTC`, for programs too. */
export function instant(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${instantWords(at)}</time>`
}

/** `3 days ago`, the instant for programs. */
export function span(at: number, now: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${whenWords(at, now)}</time>`
}

/** `in 3 days (2026-11-26 12:00 UTC)`, or `in 60 days (2027-01-22)`. */
export function instantWithSpan(at: number, now: number): Html {
  const exact =
    Math.abs(at - now) < FAR_MS
      ? instant(at)
      : html`<time datetime="${new Date(at).toISOString()}">${dayWords(at)}</time>`
  return html`${whenWords(at, now)} <span class="quiet line">(${exact})</span>`
}

/** A bar of what is left of a life, where its start is known, and when it ends in words. */
export function lifeBar({ notBefore, notAfter }: Life, now: number): Html {
  if (notAfter === undefined)
    return html`<span class="life"><span class="quiet">its end is not known here</span></span>`
  const words = html`<span>${notAfter > now ? 'ends' : 'ended'} ${instantWithSpan(notAfter, now)}</span>`
  if (notBefore === undefined) return html`<span class="life">${words}</span>`
  const left = Math.round(Math.min(1, Math.max(0, (notAfter - now) / Math.max(1, notAfter - notBefore))) * 100)
  const bar = html`<meter min="0" max="100" low="10" high="33" optimum="100" value="${left}" aria-label="${left} % of its life is left">${left} %</meter>`
  return html`<span class="life">${bar}${words}</span>`
}

/** Whoever compares fingerprints has the whole one in the title, and in /status.json. */
export function shortFingerprint(fingerprint: string): Html {
  return html`<code title="${fingerprint}">${fingerprint.slice(0, 16)}</code>`
}

/** A name, and below it what it is the name of. */
export function named(name: string, what: string): Html {
  return html`${name}<span class="quiet below">${what}</span>`
}

/** The same of `MeshCAIssuer team-a/mesh`, as the overview calls issuers and requests. */
export function namedByTitle(title: string): Html {
  const space = title.indexOf(' ')
  return named(title.slice(space + 1), title.slice(0, Math.max(0, space)))
}

/** A wide column holds prose. */
export type Column = string | { readonly title: string; readonly wide: true }

export interface Table {
  /** Of the section, for its anchor. */
  readonly id: string
  readonly title: string
  /** What the table is about, in a sentence. */
  readonly about: Piece
  readonly columns: readonly Column[]
  /** A cell for each column; the first names its row. */
  readonly rows: readonly (readonly Piece[])[]
  /** What to say where there is no row. */
  readonly empty: Piece
  readonly omitted?: Omitted | undefined
}

/** Rows that are left out. */
export interface Omitted {
  readonly count: number
  /** Where all are shown; undefined where that is here. */
  readonly href: string | undefined
}

/** A section with a table that may be scrolled sideways, by keyboard too. */
export function tableSection({ id, title, about, columns, rows, empty, omitted }: Table): Html {
  const heads = columns.map((column) => html`<th scope="col">${titleOf(column)}</th>`)
  const table = html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-title"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${columns.map((column, index) => tableCell(column, cells[index], index))}</tr>\n`)}</tbody>
</table></div>`
  return html`<section id="${id}">
<h2 id="${id}-title">${title}</h2>
<p class="quiet">${about}</p>
${rows.length === 0 ? html`<p>${empty}</p>` : table}${omitted && omittedWords(omitted, id)}
</section>
`
}

function titleOf(column: Column): string {
  return typeof column === 'string' ? column : column.title
}

/** In a narrow window the style makes a card of each row, with the title of the column before each value. */
function tableCell(column: Column, cell: Piece, index: number): Html {
  if (index === 0) return html`<th scope="row">${cell}</th>\n`
  const wide = typeof column === 'object' ? html` class="wide"` : undefined
  return html`<td data-title="${titleOf(column)}"${wide}>${cell}</td>\n`
}

function omittedWords({ count, href }: Omitted, id: string): Html | undefined {
  if (count === 0) return undefined
  const all = href === undefined ? undefined : html` <a href="${href}#${id}">Show all</a>`
  return html`<p>${count} more are not shown.${all}</p>`
}
