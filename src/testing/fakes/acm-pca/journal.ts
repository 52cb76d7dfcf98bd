import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { decodeSinglePem } from '../../../pki/pem.ts'

/** One call as it ended. */
export interface JournalEntry {
  readonly at: number
  readonly service: 'acm-pca' | 'sts'
  readonly operation: string
  /** ARN; absent where the caller was not recognised. */
  readonly principal?: string
  readonly region?: string
  /** ARN of the CA. */
  readonly authority?: string
  /** ARN, as it was sent. */
  readonly template?: string
  readonly token?: string
  readonly certificateArn?: string
  /** Of the role that was asked for. */
  readonly role?: string
  /** 'ok', the name of the error, or 'fault: …'. */
  readonly outcome: string
  /** The token was one of the last five minutes. */
  readonly repeat?: true
  /** … and came with another CSR. */
  readonly tokenCollision?: true
}

/** One certificate that was signed. */
export interface Minted {
  readonly certificateArn: string
  readonly authority: string
  readonly at: number
  readonly principal: string
  readonly template: string
  readonly token?: string
  /** SHA-256 of the CSR's DER, hex. */
  readonly csr: string
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly publicKey: string
  readonly serialNumber: string
  readonly certificatePem: string
}

export interface MintedFor {
  readonly csrPem?: string
  /** Or the private key to it. */
  readonly publicKey?: KeyObject
  readonly authority?: string
}

/** Everything that was asked and what came of it. */
export class Journal {
  readonly #entries: JournalEntry[] = []
  readonly #minted: Minted[] = []
  readonly #listeners = new Set<(entry: JournalEntry) => void>()

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  get minted(): readonly Minted[] {
    return this.#minted
  }

  note(entry: JournalEntry): void {
    this.#entries.push(entry)
    for (const listener of [...this.#listeners]) listener(entry)
  }

  /** Told of each call once it is in the journal, before its answer leaves. @returns what stops it */
  listen(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  noteMinted(minted: Minted): void {
    this.#minted.push(minted)
  }

  clear(): void {
    this.#entries.length = 0
    this.#minted.length = 0
  }

  /** Calls that arrived, of one operation or of all. */
  calls(operation?: string): number {
    return this.#entries.filter((entry) => operation === undefined || entry.operation === operation).length
  }

  mintedFor({ csrPem, publicKey, authority }: MintedFor): readonly Minted[] {
    const csr = csrPem === undefined ? undefined : sha256(decodeSinglePem(csrPem, 'CERTIFICATE REQUEST'))
    const key = publicKey === undefined ? undefined : sha256(spki(publicKey))
    return this.#minted.filter(
      (one) =>
        (csr === undefined || one.csr === csr) &&
        (key === undefined || one.publicKey === key) &&
        (authority === undefined || one.authority === authority),
    )
  }

  /** How often a token came again. */
  get tokenRepeats(): number {
    return this.#entries.filter(({ repeat }) => repeat).length
  }

  /** How often a token came again with another CSR. */
  get tokenCollisions(): number {
    return this.#entries.filter(({ tokenCollision }) => tokenCollision).length
  }

  /** Calls of Private CA for each certificate that it signed. */
  get callsPerCertificate(): number {
    return this.#entries.filter(({ service }) => service === 'acm-pca').length / this.#minted.length
  }

  summary(): Readonly<Record<string, number | Readonly<Record<string, number>>>> {
    const operations: Record<string, number> = {}
    for (const { operation } of this.#entries) operations[operation] = (operations[operation] ?? 0) + 1
    const { tokenRepeats, tokenCollisions } = this
    return { minted: this.#minted.length, calls: this.#entries.length, operations, tokenRepeats, tokenCollisions }
  }
}

export function sha256(octets: Uint8Array): string {
  return hash('sha256', octets)
}

function spki(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' })
}
