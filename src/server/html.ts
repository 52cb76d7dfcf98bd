/** Markup that needs no escaping any more; made by `html` alone. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Piece = Html | string | number | undefined | readonly Piece[]

/** A template whose values are escaped, for text and for attributes in double quotes; markup made by it goes in as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Html {
  let text = ''
  for (const [index, part] of parts.entries()) text += part + rendered(values[index])
  return new Html(text)
}

function rendered(value: Piece): string {
  if (value instanceof Html) return value.text
  if (value === undefined) return ''
  if (typeof value === 'object') return value.map(rendered).join('')
  return escapeText(String(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What hides, ends or turns around text: C0 and C1 controls, lone surrogates, marks of direction (Unicode TR 36). */
const INVISIBLE = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** Most texts hold nothing of either kind. */
const SPECIAL = /[&<>"'\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u

/** The text for HTML; characters that nobody can see are written out as `\u{202e}`. */
export function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text
    .replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
