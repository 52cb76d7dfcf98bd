import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** What a key is derived for. */
export interface KeyScope {
  /** YYYYMMDD */
  readonly date: string
  readonly region: string
  readonly service: string
}

/** Keys of Signature Version 4 ("Create a signed AWS API request"); each holds for a day, so it is derived once. */
export class SigningKeys {
  readonly #known = new Map<string, KeyObject>()

  of(secret: string, { date, region, service }: KeyScope): KeyObject {
    const name = [secret, date, region, service].join(' ')
    const key = this.#known.get(name) ?? derive(secret, [date, region, service, 'aws4_request'])
    this.#known.set(name, key)
    return key
  }
}

function derive(secret: string, parts: readonly string[]): KeyObject {
  const first = createSecretKey(Buffer.from(`AWS4${secret}`))
  return parts.reduce((key, part) => createSecretKey(hmac(key, part)), first)
}

export function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
