/**
 * Which templates AWS lets these credentials issue with. That one of them is denied while another works concerns the
 * requests which need that one, not the issuer.
 */
export class TemplateRecord {
  readonly #allowed = new Set<string>()

  allowed(template: string): void {
    this.#allowed.add(template)
  }

  /** @returns whether nothing else is known to work, so that the issuer itself is to blame */
  denied(template: string): boolean {
    this.#allowed.delete(template)
    return this.#allowed.size === 0
  }
}
