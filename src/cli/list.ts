import { isObject, readObject } from '../api/read.ts'

/**
 * A reader of lists, whose items lack the kind that each of them has alone. Items that are not what they should be are left
 * out: there are none, unless the API server is newer than its own schema.
 */
export function listOf<T>(
  read: (object: unknown) => T | undefined,
  kind?: string,
): (object: unknown) => readonly T[] | undefined {
  return (object) => {
    const items = readObject(object)?.items
    if (!Array.isArray(items)) return undefined
    return items.flatMap((item: unknown) => {
      const value = isObject(item) ? read(kind === undefined ? item : { kind, ...item }) : undefined
      return value === undefined ? [] : [value]
    })
  }
}
