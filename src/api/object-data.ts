import { fromBase64, isObject } from './read.ts'

/** The values of a Secret or a ConfigMap as text, by key; a value that is no text is left out. */
export function dataOf(kind: 'Secret' | 'ConfigMap', object: unknown): Readonly<Record<string, string>> {
  const data = isObject(object) && isObject(object.data) ? object.data : {}
  const text = kind === 'Secret' ? fromBase64 : (value: string): string => value
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => (typeof value === 'string' ? [[key, text(value)]] : [])),
  )
}
