import type { ApiClient, Call } from '../../../cluster/client.ts'
import { ApiError } from '../../../cluster/errors.ts'

/** Any object, as far as the fake looks at it. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

/** A client without a network: single objects that are created, read and replaced, with optimistic concurrency. */
export class ObjectClient implements ApiClient {
  readonly #objects = new Map<string, StoredObject>()
  #version = 0
  /** Every call so far. */
  readonly calls: Call[] = []
  /** Before each call; what it throws is what the call answers. */
  before: (call: Call) => Promise<void> | void = () => undefined
  /** Between what a call does and its answer. */
  after: (call: Call) => Promise<void> | void = () => undefined
  /** What is answered; by default what is stored. */
  answer: (call: Call) => StoredObject = (call) => this.#stored(call)

  async request<T>(call: Call): Promise<T> {
    this.calls.push(call)
    await this.before(call)
    if (call.signal?.aborted === true) throw new ApiError(0, 'Aborted', 'given up')
    // As over a network: what is answered shares nothing with what is stored.
    const answer: T = JSON.parse(JSON.stringify(this.answer(call)))
    await this.after(call)
    return answer
  }

  async send(call: Call): Promise<void> {
    await this.request(call)
  }

  async *stream(): AsyncGenerator<string> {}

  async close(): Promise<void> {}

  /** What is stored under a path. */
  object(path: string): StoredObject | undefined {
    return this.#objects.get(path)
  }

  #stored({ method, path, body }: Call): StoredObject {
    const wanted = isStored(body) ? body : undefined
    if (method === 'POST' && wanted !== undefined) return this.#create(`${path}/${wanted.metadata.name}`, wanted)
    const stored = this.#objects.get(path)
    if (stored === undefined) throw new ApiError(404, 'NotFound', `there is no ${path}`)
    if (method === 'DELETE') this.#objects.delete(path)
    if (method === 'GET' || wanted === undefined) return stored
    if (wanted.metadata.resourceVersion !== stored.metadata.resourceVersion) {
      throw new ApiError(409, 'Conflict', `${path} was changed`)
    }
    return this.#store(path, wanted)
  }

  #create(path: string, wanted: StoredObject): StoredObject {
    if (this.#objects.has(path)) throw new ApiError(409, 'AlreadyExists', `${path} exists`)
    return this.#store(path, wanted)
  }

  #store(path: string, wanted: StoredObject): StoredObject {
    this.#version += 1
    const stored = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: String(this.#version) } }
    this.#objects.set(path, stored)
    return stored
  }
}

function isStored(body: unknown): body is StoredObject {
  return typeof body === 'object' && body !== null && 'metadata' in body
}
