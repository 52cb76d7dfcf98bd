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
