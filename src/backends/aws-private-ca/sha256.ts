import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from 'node:crypto'

type SourceData = string | ArrayBuffer | ArrayBufferView

/**
 * SHA-256, or HMAC of it where there is a secret, as the SDK's signer has it made (`ChecksumConstructor` of @smithy/types).
 * The SDK's own gives node the secret as octets, and node 24 takes five times as long for those as for a KeyObject.
 */
export class Sha256 {
  readonly #begin: () => Hash | Hmac
  #hash: Hash | Hmac

  constructor(secret?: SourceData) {
    const key = secret === undefined ? undefined : createSecretKey(octetsOf(secret))
    this.#begin = () => (key === undefined ? createHash('sha256') : createHmac('sha256', key))
    this.#hash = this.#begin()
  }

  update(data: SourceData): void {
    this.#hash.update(octetsOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#begin()
  }
}

function octetsOf(data: SourceData): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
