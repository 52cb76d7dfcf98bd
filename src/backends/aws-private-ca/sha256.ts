import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

type SourceData = string | ArrayBuffer | ArrayBufferView

/**
 * SHA-256, or HMAC of it where there is a secret, as the SDK's signer has it made (`ChecksumConstructor` of @smithy/types).
 * The SDK's own gives node the secret as octets, and node 24 takes five times as long for those as for a KeyObject; and it
 * makes an object of OpenSSL's for each digest, which costs three times as much as the digest.
 */
export class Sha256 {
  readonly #key: KeyObject | undefined
  #parts: Uint8Array[] = []

  constructor(secret?: SourceData) {
    this.#key = secret === undefined ? undefined : createSecretKey(octetsOf(secret))
  }

  update(data: SourceData): void {
    this.#parts.push(octetsOf(data))
  }

  async digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#parts)
    return this.#key === undefined
      ? hash('sha256', data, 'buffer')
      : createHmac('sha256', this.#key).update(data).digest()
  }

  reset(): void {
    this.#parts = []
  }
}

function octetsOf(data: SourceData): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
