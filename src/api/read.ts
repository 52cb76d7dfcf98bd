/** Narrow readers of values that came as JSON: each returns the value in its type, or `undefined`. */

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined
}

export function readString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A string that is there and not empty. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function readInteger(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

/** The strings of a list; absent counts as empty, anything else than strings in a list is not the wanted shape. */
export function readStrings(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return undefined
  return value.every((item) => typeof item === 'string') ? value : undefined
}

/** A map from strings to strings, such as annotations; absent counts as empty. */
export function readStringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {}
  return isStringMap(value) ? value : undefined
}

function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((item) => typeof item === 'string')
}

/** `{ [key]: value }`, or nothing at all when there is no value: for members that are absent rather than undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  const member: { [P in K]?: V } = {}
  if (value !== undefined) member[key] = value
  return member
}

/** The text that octets in base64 stand for, as API servers give them; what is no base64 in it is passed over. */
export function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
