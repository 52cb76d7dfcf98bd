import { z } from 'zod'

/** A CEL rule of a CRD, kept as `x-kubernetes-validations`: `message` is all that a person sees when it refuses. */
export interface Rule {
  readonly rule: string
  readonly message: string
  /** The member that the answer points at, when it is not the whole value. */
  readonly fieldPath?: string
}

/** Metadata of a schema: its CEL rules, in the order in which they are reported. */
export function rules(...list: readonly Rule[]): { readonly 'x-kubernetes-validations': readonly Rule[] } {
  return { 'x-kubernetes-validations': list }
}

/** A CEL literal; a raw string has no escapes, so regular expressions read as they are. */
export function raw(text: string): string {
  return `r'${text}'`
}

/** CEL: exactly one of these members is there. */
export function exactlyOne(...members: readonly string[]): string {
  return `[${members.map((member) => `has(self.${member})`).join(', ')}].exists_one(given, given)`
}

/** CEL: at most one of these members is there. */
export function atMostOne(...members: readonly string[]): string {
  return `[${members.map((member) => `has(self.${member})`).join(', ')}].filter(given, given).size() <= 1`
}

/** A string of a format that `message` puts in words; `maxLength` also bounds what the rule may cost the API server. */
export function text(format: { readonly pattern: string; readonly maxLength: number; readonly message: string }) {
  return z
    .string()
    .max(format.maxLength)
    .meta(rules({ rule: `self.matches(${raw(format.pattern)})`, message: format.message }))
}
