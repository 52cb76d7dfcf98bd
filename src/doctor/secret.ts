import { isObject, readString } from '../api/read.ts'

/** A Secret with its values as text. They hold keys: nothing of them is printed. */
export interface SecretFacts {
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

/** Reads a v1 Secret; undefined for anything else. */
export function readSecret(object: unknown): SecretFacts | undefined {
  if (!isObject(object) || (object.kind ?? 'Secret') !== 'Secret') return undefined
  const data = isObject(object.data) ? object.data : {}
  return {
    type: readString(object.type) ?? 'Opaque',
    data: Object.fromEntries(
      Object.entries(data).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, Buffer.from(value, 'base64').toString('utf8')]] : [],
      ),
    ),
  }
}
