import { dataOf } from '../api/object-data.ts'
import { isObject, readString } from '../api/read.ts'

/** A Secret with its values as text. They hold keys: nothing of them is printed. */
export interface SecretFacts {
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

/** Reads a v1 Secret; undefined for anything else. */
export function readSecret(object: unknown): SecretFacts | undefined {
  if (!isObject(object) || (object.kind ?? 'Secret') !== 'Secret') return undefined
  return { type: readString(object.type) ?? 'Opaque', data: dataOf('Secret', object) }
}
