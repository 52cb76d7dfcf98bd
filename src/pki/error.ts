/**
 * What is wrong with a certificate, a request, a key or a chain.
 * `code` is stable and in kebab case; `message` is one sentence for a person and never quotes key material.
 */
export class PkiError extends Error {
  override readonly name = 'PkiError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Longer than any host name; shorter than what would fill an event. */
const MOST_QUOTED = 260

/** Text from outside, for a message: in quotation marks and cut where it is very long. */
export function quote(text: string): string {
  return text.length <= MOST_QUOTED ? `"${text}"` : `"${text.slice(0, MOST_QUOTED)}..."`
}
